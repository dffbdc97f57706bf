"""Hold a search token to an assignment of its own tenant."""

from django.db import migrations

from apps.tenants.references import refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("members", "0002_assignments_have_a_key_with_their_tenant"),
        ("tenants", "0001_initial"),
    ]
    operations = [
        *refer_within_tenant("members_searchtoken", "assignment_id", "members_assignment"),
    ]
