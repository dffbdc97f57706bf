"""Mail that is printed can be read and its links followed."""

import io

from django.core.mail import EmailMessage

from apps.doors.printed_mail import EmailBackend


def test_a_long_link_is_printed_whole() -> None:
    link = f"http://127.0.0.1:8000/portal/account/invitations/{'x=' * 60}/"
    printed = io.StringIO()
    mail = EmailMessage("Your invitation", f"Accept here:\n\n{link}\n", None, ["imani@example.org"])
    assert EmailBackend(stream=printed).send_messages([mail]) == 1
    assert link in printed.getvalue().splitlines()
    assert "To: imani@example.org" in printed.getvalue()
