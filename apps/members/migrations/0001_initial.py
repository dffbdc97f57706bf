import apps.core.clock
import apps.core.ids
import apps.vault.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from apps.tenants.rls import isolate, open_to_app


TALLY = """
CREATE FUNCTION members_keep_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO members_tally (id, tenant_id, status, risk_level, amount)
            SELECT gen_random_uuid(), tenant_id, status, risk_level, count(*) FROM after_rows
            WHERE ended_at IS NULL GROUP BY tenant_id, status, risk_level;
    ELSE
        INSERT INTO members_tally (id, tenant_id, status, risk_level, amount)
            SELECT gen_random_uuid(), tenant_id, status, risk_level, sum(n) FROM (
                SELECT tenant_id, status, risk_level, 1 AS n FROM after_rows WHERE ended_at IS NULL
                UNION ALL
                SELECT tenant_id, status, risk_level, -1 FROM before_rows WHERE ended_at IS NULL
            ) changes GROUP BY tenant_id, status, risk_level HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER members_tally_insert AFTER INSERT ON members_assignment
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION members_keep_tally();
CREATE TRIGGER members_tally_update AFTER UPDATE ON members_assignment
    REFERENCING NEW TABLE AS after_rows OLD TABLE AS before_rows
    FOR EACH STATEMENT EXECUTE FUNCTION members_keep_tally();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('email_index', models.BinaryField(max_length=32, null=True, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('external_id', models.CharField(max_length=200, null=True)),
                ('profile', apps.vault.fields.EncryptedJSONField()),
                ('pronouns', models.CharField(default='', max_length=60)),
                ('timezone', models.CharField(default='UTC', max_length=64)),
                ('status', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused'), ('discharged', 'Discharged')], default='active', max_length=20)),
                ('assigned_at', models.DateTimeField(default=apps.core.clock.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('risk_level', models.CharField(choices=[('low', 'Low'), ('moderate', 'Moderate'), ('high', 'High'), ('critical', 'Critical')], default='low', max_length=20)),
                ('open_crisis_flags', models.PositiveIntegerField(default=0)),
                ('last_session_at', models.DateTimeField(null=True)),
                ('intelligence_stale_at', models.DateTimeField(null=True)),
                ('primary_clinician', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='members.person')),
            ],
        ),
        migrations.CreateModel(
            name='SearchToken',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('token', models.BinaryField(max_length=16)),
                ('assignment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='members.assignment')),
            ],
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('status', models.CharField(max_length=20)),
                ('risk_level', models.CharField(max_length=20)),
                ('amount', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id'], name='members_tally_of_tenant')],
            },
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['tenant_id', '-assigned_at', '-id'], name='members_newest_first'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['tenant_id', 'risk_level', '-assigned_at', '-id'], name='members_by_risk'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['tenant_id', 'status', '-assigned_at', '-id'], name='members_by_status'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('intelligence_stale_at__isnull', False)), fields=['tenant_id', 'intelligence_stale_at'], name='members_stale_intelligence'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('tenant_id', 'person'), name='members_one_current_assignment'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('external_id__isnull', False)), fields=('tenant_id', 'external_id'), name='members_external_id_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['active', 'paused', 'discharged'])), name='members_status_is_known'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('risk_level__in', ['low', 'moderate', 'high', 'critical'])), name='members_risk_level_is_known'),
        ),
        migrations.AddIndex(
            model_name='searchtoken',
            index=models.Index(fields=['tenant_id', 'token', 'assignment'], name='members_find_by_token'),
        ),
        migrations.AddIndex(
            model_name='searchtoken',
            index=models.Index(fields=['tenant_id', 'assignment'], name='members_tokens_of_assignment'),
        ),
        migrations.RunSQL(TALLY, "DROP FUNCTION members_keep_tally CASCADE"),
        *open_to_app("members_person", "SELECT, INSERT, UPDATE"),
        *isolate("members_assignment", "SELECT, INSERT, UPDATE"),
        *isolate("members_searchtoken"),
        *isolate("members_tally"),
    ]
