import apps.core.clock
import apps.core.ids
import django.contrib.postgres.fields
from django.db import migrations, models
from apps.tenants.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('care_context', '0002_versions_come_under_new_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='carecontext',
            name='plan_changed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='carecontext',
            name='plan_version',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='carecontextversion',
            name='changed',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), null=True),
        ),
        migrations.AlterField(
            model_name='carecontext',
            name='modality',
            field=models.CharField(choices=[('cbt', 'Cognitive behavioural therapy (CBT)'), ('dbt', 'Dialectical behaviour therapy (DBT)'), ('act', 'Acceptance and commitment therapy (ACT)'), ('emdr', 'Eye movement desensitisation and reprocessing (EMDR)'), ('ipt', 'Interpersonal psychotherapy (IPT)'), ('psychodynamic', 'Psychodynamic therapy'), ('supportive', 'Supportive therapy'), ('other', 'Other')], max_length=20, null=True),
        ),
        migrations.AlterField(
            model_name='carecontext',
            name='session_frequency',
            field=models.CharField(choices=[('weekly', 'Weekly'), ('fortnightly', 'Fortnightly'), ('monthly', 'Monthly'), ('as_needed', 'As needed')], max_length=20, null=True),
        ),
        migrations.CreateModel(
            name='SafetyPlanReview',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('member_id', models.UUIDField()),
                ('plan_version', models.PositiveIntegerField()),
                ('reviewed_on', models.DateField()),
                ('recorded_at', models.DateTimeField(default=apps.core.clock.now)),
                ('recorded_by', models.JSONField()),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'member_id', '-reviewed_on'], name='care_context_last_review')],
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'member_id', 'plan_version', 'reviewed_on'), name='care_context_plan_is_reviewed_once_a_day')],
            },
        ),
        *isolate("care_context_safetyplanreview", "SELECT, INSERT"),
    ]
