import apps.care_context.models
import apps.core.clock
import apps.core.ids
import apps.vault.fields
import django.contrib.postgres.fields
from django.db import migrations, models
from apps.tenants.rls import isolate


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='CareContext',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('member_id', models.UUIDField()),
                ('version', models.PositiveIntegerField(default=0)),
                ('modality', models.CharField(choices=[('cbt', 'Cbt'), ('dbt', 'Dbt'), ('act', 'Act'), ('emdr', 'Emdr'), ('ipt', 'Ipt'), ('psychodynamic', 'Psychodynamic'), ('supportive', 'Supportive'), ('other', 'Other')], max_length=20, null=True)),
                ('treatment_goals', apps.vault.fields.EncryptedJSONField(default=list)),
                ('focus_areas', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list)),
                ('topics_to_avoid', apps.vault.fields.EncryptedJSONField(default=list)),
                ('communication_style', models.CharField(choices=[('warm', 'Warm'), ('direct', 'Direct'), ('reflective', 'Reflective'), ('structured', 'Structured')], max_length=20, null=True)),
                ('session_frequency', models.CharField(choices=[('weekly', 'Weekly'), ('fortnightly', 'Fortnightly'), ('monthly', 'Monthly'), ('as_needed', 'As Needed')], max_length=20, null=True)),
                ('safety_plan', apps.vault.fields.EncryptedJSONField(default=apps.care_context.models.empty_safety_plan)),
                ('companion_enabled', models.BooleanField(default=False)),
                ('companion_instructions', apps.vault.fields.EncryptedTextField(null=True)),
                ('updated_at', models.DateTimeField(null=True)),
                ('updated_by', models.JSONField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'member_id'), name='care_context_one_per_member')],
            },
        ),
        migrations.CreateModel(
            name='CareContextVersion',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('member_id', models.UUIDField()),
                ('version', models.PositiveIntegerField()),
                ('snapshot', apps.vault.fields.EncryptedJSONField()),
                ('made_at', models.DateTimeField(default=apps.core.clock.now)),
                ('made_by', models.JSONField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'member_id', 'version'), name='care_context_version_is_kept_once')],
            },
        ),
        *isolate("care_context_carecontext", "SELECT, INSERT, UPDATE"),
        *isolate("care_context_carecontextversion", "SELECT, INSERT"),
    ]
