"""Keep who is away from when until when; tell a tenant which of its staff have a second factor, and nothing of the factor."""

import apps.core.clock
import apps.core.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.tenants.rls import CURRENT_TENANT, grant, isolate

# Authenticators are seen by their own person alone; each is asked in turn, as themselves.
WITH_SECOND_FACTOR = f"""
CREATE FUNCTION accounts_with_second_factor() RETURNS SETOF uuid LANGUAGE plpgsql AS $$
DECLARE
    before text := current_setting('throughline.user_id', true);
    person uuid;
    staff uuid[] := ARRAY(
        SELECT DISTINCT m.user_id FROM accounts_membership m
        WHERE m.tenant_id = {CURRENT_TENANT} AND m.ended_at IS NULL
    );
BEGIN
    FOREACH person IN ARRAY staff LOOP
        PERFORM set_config('throughline.user_id', person::text, true);
        IF EXISTS (SELECT 1 FROM mfa_authenticator a WHERE a.user_id = person AND a.type <> 'recovery_codes') THEN
            RETURN NEXT person;
        END IF;
    END LOOP;
    PERFORM set_config('throughline.user_id', coalesce(before, ''), true);
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_people_are_invited'),
    ]

    operations = [
        migrations.CreateModel(
            name='Leave',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(null=True)),
                ('made_by', models.JSONField()),
                ('made_at', models.DateTimeField(default=apps.core.clock.now)),
                ('clinician', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'clinician', 'starts_at'], name='accounts_leave_of_whom')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='accounts_leave_ends_after_it_starts')],
            },
        ),
        *isolate("accounts_leave"),
        # A cover that has not begun may be taken back.
        grant("accounts_cover", "DELETE"),
        migrations.RunSQL(WITH_SECOND_FACTOR, "DROP FUNCTION accounts_with_second_factor()"),
    ]
