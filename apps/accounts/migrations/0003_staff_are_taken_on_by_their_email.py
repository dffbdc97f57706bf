"""Make someone a member of staff only where their account is seen, as by its email; who it is never changes.

A tenant that could name any account's id would come to see that account.
"""

from django.conf import settings
from django.db import migrations

ROLE = settings.APP_ROLE.replace('"', '""')
TABLE = "accounts_membership"
SEEN = f"EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = {TABLE}.user_id)"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_accounts_are_seen_where_they_work")]
    operations = [
        migrations.RunSQL(
            f"""
            CREATE POLICY accounts_membership_of_an_account_seen ON {TABLE} AS RESTRICTIVE FOR INSERT
                WITH CHECK ({SEEN});
            REVOKE UPDATE ON {TABLE} FROM "{ROLE}";
            GRANT UPDATE (role, supervisor_id, ended_at) ON {TABLE} TO "{ROLE}";
            """,
            f"""
            DROP POLICY accounts_membership_of_an_account_seen ON {TABLE};
            GRANT UPDATE ON {TABLE} TO "{ROLE}";
            """,
        ),
    ]
