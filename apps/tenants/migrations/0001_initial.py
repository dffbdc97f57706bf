from django.db import migrations, models
from django.db.models.functions import Lower

import apps.core.clock
import apps.core.ids
from apps.tenants.rls import open_to_app

ENTER = """
CREATE FUNCTION tenants_enter(tenant uuid, durable boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('throughline.tenant_id', tenant::text, true);
    IF NOT durable THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    RETURN true;
END $$
"""
PLATFORM = """
INSERT INTO tenants_tenant (id, slug, name, kind, status, is_sandbox, timezone, created_at)
VALUES ('00000000-0000-7000-8000-000000000001', 'platform', 'Throughline', 'platform', 'active', false, 'UTC', now())
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.CreateModel(
            name="Tenant",
            fields=[
                ("id", models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[("platform", "Platform"), ("vendor", "Vendor")], default="vendor", max_length=20
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("suspended", "Suspended")], default="active", max_length=20
                    ),
                ),
                ("is_sandbox", models.BooleanField(default=False)),
                ("timezone", models.CharField(default="UTC", max_length=64)),
                ("created_at", models.DateTimeField(default=apps.core.clock.now)),
                (
                    "twin",
                    models.OneToOneField(
                        null=True,
                        on_delete=models.deletion.PROTECT,
                        related_name="live_twin",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(Lower("slug"), name="tenant_slug_is_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "suspended"])), name="tenant_status_is_known"
                    ),
                ),
            },
        ),
        migrations.RunSQL(ENTER, "DROP FUNCTION tenants_enter(uuid, boolean)"),
        migrations.RunSQL(PLATFORM, migrations.RunSQL.noop),
        *open_to_app("tenants_tenant", "SELECT, INSERT, UPDATE"),
    ]
