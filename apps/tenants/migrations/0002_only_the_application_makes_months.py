"""Take the making of partitions from everyone but the application."""

from django.conf import settings
from django.db import migrations

from apps.tenants.partitions import ENSURE

ROLE = settings.APP_ROLE.replace('"', '""')
CLOSE = f"""
REVOKE ALL ON FUNCTION tenants_ensure_months(text, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenants_ensure_months(text, date, date) TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [
        migrations.RunSQL(ENSURE, migrations.RunSQL.noop),
        migrations.RunSQL(CLOSE, migrations.RunSQL.noop),
    ]
