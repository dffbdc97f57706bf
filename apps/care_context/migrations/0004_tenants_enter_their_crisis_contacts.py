import apps.core.ids
import django.contrib.postgres.fields
from django.db import migrations, models
from apps.tenants.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('care_context', '0003_plans_are_reviewed_and_changes_named'),
    ]

    operations = [
        migrations.CreateModel(
            name='CrisisContacts',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('lines', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list)),
                ('version', models.PositiveIntegerField(default=0)),
                ('changed_at', models.DateTimeField(null=True)),
                ('changed_by', models.JSONField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant_id',), name='care_context_contacts_of_tenant')],
            },
        ),
        *isolate("care_context_crisiscontacts", "SELECT, INSERT, UPDATE"),
    ]
