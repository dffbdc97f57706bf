import apps.core.clock
import apps.core.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from apps.tenants.rls import isolate, open_to_app



class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('role', models.CharField(choices=[('operator', 'Operator'), ('vendor_admin', 'Admin'), ('clinician', 'Clinician'), ('supervisor', 'Supervisor'), ('auditor', 'Auditor')], max_length=20)),
                ('ended_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now)),
                ('supervisor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('tenant_id', 'user', 'role'), name='accounts_one_current_membership_per_role')],
            },
        ),
        *open_to_app("accounts_user", "SELECT, INSERT, UPDATE"),
        *isolate("accounts_membership"),
    ]
