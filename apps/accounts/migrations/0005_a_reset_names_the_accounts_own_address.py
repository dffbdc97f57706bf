"""Let a request that presents an email note it as the address of the account that has it, as a reset does first."""

from django.db import migrations

from apps.tenants.rls import policy

TABLE = "account_emailaddress"
ITS_OWN = f"""email = nullif(current_setting('throughline.presented_email', true), '') AND EXISTS (
    SELECT 1 FROM accounts_user u WHERE u.id = {TABLE}.user_id AND u.email = {TABLE}.email
)"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_people_sign_in")]
    operations = [policy(TABLE, "account_emailaddress_of_the_account_presented", check=ITS_OWN, command="INSERT")]
