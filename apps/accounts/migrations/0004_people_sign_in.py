"""Let people sign in and see what is theirs; keep who covers whom, and whose glass was broken."""

import apps.core.clock
import apps.core.ids
import apps.vault.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.tenants.rls import grant, isolate, policy, secure

OWN = "(nullif(current_setting('throughline.user_id', true), ''))::uuid"
PRESENTED = "nullif(current_setting('throughline.presented_email', true), '')"

# One's own account, whichever tenant is set: one statement for every request that shows a session.
ONESELF = """
CREATE FUNCTION accounts_oneself(person uuid) RETURNS SETOF accounts_user LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('throughline.user_id', person::text, true);
    RETURN QUERY SELECT * FROM accounts_user u WHERE u.id = person;
END $$
"""
# Who a person is at a tenant now: no row where they do not work, or where it is suspended.
WHO = """
CREATE FUNCTION accounts_who(person uuid, tenant uuid) RETURNS TABLE (
    name varchar, roles varchar[], tenant_name varchar, slug varchar, timezone varchar, is_sandbox boolean,
    kind varchar, reach uuid[], opened uuid[]
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('throughline.user_id', person::text, true);
    PERFORM set_config('throughline.tenant_id', tenant::text, true);
    RETURN QUERY
    SELECT u.name, array_agg(m.role), t.name, t.slug, t.timezone, t.is_sandbox, t.kind,
        ARRAY(
            SELECT person
            UNION SELECT c.clinician_id FROM accounts_cover c
                WHERE c.tenant_id = tenant AND c.covered_by_id = person
                  AND c.starts_at <= now() AND (c.ends_at IS NULL OR c.ends_at > now())
            UNION SELECT s.user_id FROM accounts_membership s
                WHERE s.tenant_id = tenant AND s.supervisor_id = person AND s.ended_at IS NULL
        ),
        ARRAY(
            SELECT g.member_id FROM accounts_breakglass g
            WHERE g.tenant_id = tenant AND g.user_id = person AND g.expires_at > now()
        )
    FROM accounts_user u
    JOIN accounts_membership m ON m.user_id = u.id AND m.tenant_id = tenant AND m.ended_at IS NULL
    JOIN tenants_tenant t ON t.id = tenant AND t.status = 'active'
    WHERE u.id = person AND u.is_active
    GROUP BY u.id, u.name, t.id, t.name, t.slug, t.timezone, t.is_sandbox, t.kind;
END $$
"""
WORKPLACES = """
CREATE FUNCTION accounts_workplaces(person uuid)
RETURNS TABLE (tenant_id uuid, name varchar, is_sandbox boolean, roles varchar[]) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('throughline.user_id', person::text, true);
    RETURN QUERY
    SELECT t.id, t.name, t.is_sandbox, array_agg(m.role ORDER BY m.role)
    FROM accounts_membership m JOIN tenants_tenant t ON t.id = m.tenant_id AND t.status = 'active'
    WHERE m.user_id = person AND m.ended_at IS NULL
    GROUP BY t.id, t.name, t.is_sandbox ORDER BY t.is_sandbox, t.name;
END $$
"""


def own(table: str, column: str = "user_id") -> list[migrations.RunSQL]:
    """Rows of an account, for the person alone."""
    mine = f"{column} = {OWN}"
    return [
        secure(table),
        policy(table, f"{table}_own", using=mine, check=mine),
        grant(table, "SELECT, INSERT, UPDATE, DELETE"),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_staff_are_taken_on_by_their_email'),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='BreakGlass',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('member_id', models.UUIDField()),
                ('reason', apps.vault.fields.EncryptedTextField()),
                ('opened_at', models.DateTimeField(default=apps.core.clock.now)),
                ('expires_at', models.DateTimeField()),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('reviewed_by', models.JSONField(null=True)),
                ('verdict', models.CharField(choices=[('justified', 'Justified'), ('not_justified', 'Not Justified')], default='', max_length=20)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'user', 'expires_at'], name='accounts_break_glass_of_user'), models.Index(condition=models.Q(('reviewed_at', None)), fields=['tenant_id', 'opened_at'], name='accounts_break_glass_to_review')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at', None), ('reviewed_by__isnull', True), ('verdict', '')), models.Q(('reviewed_at__isnull', False), ('reviewed_by__isnull', False), models.Q(('verdict', ''), _negated=True)), _connector='OR'), name='accounts_break_glass_reviewed_when_by_whom_and_how')],
            },
        ),
        migrations.CreateModel(
            name='Cover',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('starts_at', models.DateTimeField(default=apps.core.clock.now)),
                ('ends_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now)),
                ('clinician', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('covered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'covered_by', 'starts_at'], name='accounts_cover_of_whom')],
                'constraints': [models.CheckConstraint(condition=models.Q(('clinician', models.F('covered_by')), _negated=True), name='accounts_nobody_covers_themselves'), models.CheckConstraint(condition=models.Q(('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='accounts_cover_ends_after_it_starts')],
            },
        ),
        *isolate("accounts_breakglass", "SELECT, INSERT, UPDATE"),
        *isolate("accounts_cover", "SELECT, INSERT, UPDATE"),
        *own("account_emailaddress"),
        policy("account_emailaddress", "account_emailaddress_presented", using=f"email = {PRESENTED}", command="SELECT"),
        *own("mfa_authenticator"),
        *own("usersessions_usersession"),
        # Whoever knows a session's key is that session.
        grant("django_session", "SELECT, INSERT, UPDATE, DELETE"),
        policy("accounts_user", "accounts_user_oneself", using=f"id = {OWN}", command="SELECT"),
        policy("accounts_user", "accounts_user_changed_by_oneself", using=f"id = {OWN}", command="UPDATE"),
        policy("accounts_membership", "accounts_membership_of_oneself", using=f"user_id = {OWN}", command="SELECT"),
        migrations.RunSQL(ONESELF, "DROP FUNCTION accounts_oneself(uuid)"),
        migrations.RunSQL(WHO, "DROP FUNCTION accounts_who(uuid, uuid)"),
        migrations.RunSQL(WORKPLACES, "DROP FUNCTION accounts_workplaces(uuid)"),
    ]
