"""Let the application write every column of a record but the transaction, which the database tells."""

from django.conf import settings
from django.db import migrations

ROLE = settings.APP_ROLE.replace('"', '""')
COLUMNS = (
    "id, tenant_id, occurred_at, actor_kind, actor_id, actor_name, action, rows, member_id, reason, door, address, "
    "request_id, details"
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(
            f'''
            REVOKE INSERT ON audit_record FROM "{ROLE}";
            GRANT INSERT ({COLUMNS}) ON audit_record TO "{ROLE}";
            ''',
            f'GRANT INSERT ON audit_record TO "{ROLE}"',
        ),
    ]
