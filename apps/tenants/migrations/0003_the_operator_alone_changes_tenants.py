"""Let all read the directory of tenants, and the operator alone write it; a slug, once given, stays."""

from django.conf import settings
from django.db import migrations

from apps.tenants.models import PLATFORM_ID
from apps.tenants.rls import CURRENT_TENANT, policy, secure

TABLE = "tenants_tenant"
ROLE = settings.APP_ROLE.replace('"', '""')
OPERATOR = f"{CURRENT_TENANT} = '{PLATFORM_ID}'"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_only_the_application_makes_months")]
    operations = [
        secure(TABLE),
        policy(TABLE, "tenants_tenant_read_by_all", using="true", command="SELECT"),
        policy(TABLE, "tenants_tenant_made_by_operator", check=OPERATOR, command="INSERT"),
        policy(TABLE, "tenants_tenant_changed_by_operator", using=OPERATOR, command="UPDATE"),
        migrations.RunSQL(
            f"""
            REVOKE UPDATE ON {TABLE} FROM "{ROLE}";
            GRANT UPDATE (name, status, twin_id, timezone) ON {TABLE} TO "{ROLE}";
            """,
            f'GRANT UPDATE ON {TABLE} TO "{ROLE}"',
        ),
    ]
