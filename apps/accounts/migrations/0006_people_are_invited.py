"""Let people be invited: an invitation is seen by its tenant and by whoever presents the digest of its token."""

import apps.core.clock
import apps.core.ids
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.tenants.rls import isolate, policy

PRESENTED = "digest = decode(nullif(current_setting('throughline.presented_invitation', true), ''), 'hex')"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_a_reset_names_the_accounts_own_address'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('email', models.EmailField(max_length=254)),
                ('name', models.CharField(max_length=200)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('operator', 'Operator'), ('vendor_admin', 'Admin'), ('clinician', 'Clinician'), ('supervisor', 'Supervisor'), ('auditor', 'Auditor')], max_length=20))),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('made_by', models.JSONField()),
                ('made_at', models.DateTimeField(default=apps.core.clock.now)),
                ('sent_at', models.DateTimeField(default=apps.core.clock.now)),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('revoked_at', None)), fields=('tenant_id', 'email'), name='accounts_one_unanswered_invitation_per_email'), models.CheckConstraint(condition=models.Q(('accepted_at', None), ('revoked_at', None), _connector='OR'), name='accounts_invitation_is_answered_once'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', True), ('accepted_by__isnull', True)), models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), _connector='OR'), name='accounts_invitation_accepted_when_and_by_whom')],
            },
        ),
        *isolate("accounts_invitation", "SELECT, INSERT, UPDATE"),
        policy("accounts_invitation", "accounts_invitation_presented", using=PRESENTED, command="SELECT"),
    ]
