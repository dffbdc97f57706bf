"""Hold an assessment to a session and a flag of its own tenant."""

from django.db import migrations

from apps.tenants.references import refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("assessments", "0001_initial"),
        ("care_sessions", "0002_sessions_have_a_key_with_their_tenant"),
        ("crisis", "0002_flags_have_a_key_with_their_tenant"),
        ("tenants", "0001_initial"),
    ]
    operations = [
        *refer_within_tenant("assessments_assessment", "session_id", "care_sessions_session"),
        *refer_within_tenant("assessments_assessment", "crisis_flag_id", "crisis_crisisflag"),
    ]
