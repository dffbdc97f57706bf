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
            name='Session',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('member_id', models.UUIDField()),
                ('external_id', models.CharField(max_length=200, null=True)),
                ('session_type', models.CharField(choices=[('individual', 'Individual'), ('group', 'Group'), ('couples', 'Couples'), ('family', 'Family'), ('intake', 'Intake'), ('crisis', 'Crisis'), ('check_in', 'Check In')], max_length=20)),
                ('modality', models.CharField(choices=[('in_person', 'In Person'), ('video', 'Video'), ('phone', 'Phone'), ('chat', 'Chat')], max_length=20)),
                ('status', models.CharField(choices=[('scheduled', 'Scheduled'), ('completed', 'Completed'), ('no_show', 'No Show'), ('cancelled', 'Cancelled')], default='completed', max_length=20)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('clinician_id', models.UUIDField(null=True)),
                ('clinician_name', models.CharField(max_length=200, null=True)),
                ('mood_before', models.PositiveSmallIntegerField(null=True)),
                ('mood_after', models.PositiveSmallIntegerField(null=True)),
                ('summary', apps.vault.fields.EncryptedTextField(null=True)),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list)),
                ('interventions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list)),
                ('homework', apps.vault.fields.EncryptedTextField(null=True)),
                ('next_session_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', '-created_at', '-id'], name='care_sessions_newest_first'), models.Index(fields=['tenant_id', 'member_id', '-created_at', '-id'], name='care_sessions_of_member'), models.Index(fields=['tenant_id', 'started_at'], name='care_sessions_by_start'), models.Index(condition=models.Q(('status__in', ['scheduled', 'no_show', 'cancelled'])), fields=['tenant_id', 'status', '-created_at', '-id'], name='care_sessions_not_completed')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('tenant_id', 'external_id'), name='care_sessions_external_id_is_unique'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gt', models.F('started_at')), _connector='OR'), name='care_sessions_end_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('mood_before', None), ('mood_before__range', (1, 10)), _connector='OR'), models.Q(('mood_after', None), ('mood_after__range', (1, 10)), _connector='OR')), name='care_sessions_mood_from_1_to_10'), models.CheckConstraint(condition=models.Q(('status__in', ['scheduled', 'completed', 'no_show', 'cancelled'])), name='care_sessions_status_is_known')],
            },
        ),
        *isolate("care_sessions_session", "SELECT, INSERT, UPDATE"),
    ]
