import apps.core.clock
import apps.core.ids
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from apps.tenants.rls import CURRENT_TENANT, grant, policy, secure


ENTER = """
CREATE FUNCTION keys_enter(tenant uuid, key uuid, durable boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('throughline.tenant_id', tenant::text, true);
    PERFORM 1 FROM keys_apikey k JOIN tenants_tenant t ON t.id = k.tenant_id
        WHERE k.id = key AND k.tenant_id = tenant AND k.revoked_at IS NULL
          AND (k.expires_at IS NULL OR k.expires_at > now()) AND t.status = 'active';
    IF NOT FOUND THEN
        PERFORM set_config('throughline.tenant_id', '', true);
        RETURN false;
    END IF;
    IF NOT durable THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    RETURN true;
END $$
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='APIKey',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('contract', models.CharField(choices=[('vendor', 'Vendor'), ('developer', 'Developer'), ('partner', 'Partner')], default='vendor', max_length=20)),
                ('name', models.CharField(max_length=100)),
                ('shown', models.CharField(max_length=12)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list)),
                ('networks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=45), default=list)),
                ('limit_per_minute', models.PositiveIntegerField(default=100)),
                ('expires_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('last_used_address', models.CharField(default='', max_length=45)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaced_by', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='keys.apikey')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'keys_apikey',
                'indexes': [models.Index(fields=['tenant_id', '-created_at'], name='keys_of_tenant')],
            },
        ),
        secure("keys_apikey"),
        policy(
            "keys_apikey",
            "keys_apikey_own_tenant",
            using=f"tenant_id = {CURRENT_TENANT}",
            check=f"tenant_id = {CURRENT_TENANT}",
        ),
        policy(
            "keys_apikey",
            "keys_apikey_presented",
            using="digest = decode(nullif(current_setting('throughline.presented_key', true), ''), 'hex')",
            command="SELECT",
        ),
        grant("keys_apikey", "SELECT, INSERT, UPDATE"),
        migrations.RunSQL(ENTER, "DROP FUNCTION keys_enter(uuid, uuid, boolean)"),
    ]
