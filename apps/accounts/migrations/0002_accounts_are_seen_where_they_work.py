"""Show an account where the person works, at their sign-in and to the operator; let them and the operator change it."""

from django.db import migrations, models
from django.db.models.functions import Lower

from apps.tenants.models import PLATFORM_ID
from apps.tenants.rls import CURRENT_TENANT, policy, secure

TABLE = "accounts_user"
WORKS_HERE = f"""EXISTS (
    SELECT 1 FROM accounts_membership m WHERE m.user_id = accounts_user.id AND m.tenant_id = {CURRENT_TENANT}
)"""
PRESENTED = "email = nullif(current_setting('throughline.presented_email', true), '')"
OPERATOR = f"{CURRENT_TENANT} = '{PLATFORM_ID}'"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_email_is_in_small_letters"
            ),
        ),
        secure(TABLE),
        policy(TABLE, "accounts_user_works_here", using=WORKS_HERE, command="SELECT"),
        policy(TABLE, "accounts_user_presented", using=PRESENTED, command="SELECT"),
        policy(TABLE, "accounts_user_seen_by_operator", using=OPERATOR, command="SELECT"),
        policy(TABLE, "accounts_user_made_by_tenant", check=f"{CURRENT_TENANT} IS NOT NULL", command="INSERT"),
        policy(TABLE, "accounts_user_changed_when_presented", using=PRESENTED, command="UPDATE"),
        policy(TABLE, "accounts_user_changed_by_operator", using=OPERATOR, command="UPDATE"),
    ]
