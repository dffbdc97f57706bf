"""One row of every noun that a page's address can name, made by the same verbs as in real life."""

import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta

from apps.accounts import actions as accounts
from apps.accounts import invitations
from apps.accounts.models import Membership
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.members import leave
from apps.notes import drafts
from apps.tenants.context import acting_as
from tests.handoffs.steps import offer
from tests.people import VendorWorld, make_vendor

NOUNS = (
    "member_id",
    "session_id",
    "note_id",
    "flag_id",
    "handoff_id",
    "assessment_id",
    "key_id",
    "user_id",
    "clinician_id",
    "invitation_id",
    "leave_id",
    "draft_id",
)
# What addresses name beside rows.
SAID = {"note_type": "soap", "part": "topics", "number": "1", "instrument": "phq2"}
AT = "2026-03-02T09:00:00Z"


def one_of_each(vendor: VendorWorld) -> dict[str, str]:
    """The ids at `vendor`, by the name that a page's address gives them."""
    member_id = str(vendor.member().member_id)
    session = {"member_id": member_id, "session_type": "intake", "modality": "phone", "started_at": AT}
    session_id = _made(vendor, "/sessions/", session)
    note = {"session_id": session_id, "note_type": "progress", "content": {"body": "Seen."}}
    flag = {"member_id": member_id, "category": "self_harm", "severity": "low", "description": "Told."}
    vendor.api.put(f"/members/{member_id}/care-context/", {"version": 0, "modality": "cbt", "focus_areas": ["sleep"]})
    return {
        "member_id": member_id,
        "session_id": session_id,
        "note_id": _made(vendor, "/notes/", note),
        "flag_id": _made(vendor, "/crisis-flags/", flag),
        "handoff_id": offer(vendor, make_vendor(), member_id)["id"],
        "assessment_id": _made(
            vendor, "/assessments/", {"member_id": member_id, "instrument": "phq2", "answers": [1, 1]}
        ),
        "draft_id": _typed(vendor, session_id),
        **_administered(vendor),
        **SAID,
    }


def _typed(vendor: VendorWorld, session_id: str) -> str:
    with acting_as(vendor.actor):
        form = drafts.Form(session_id=uuid.UUID(session_id), note_type="soap")
        return str(drafts.keep(form, content={"plan": "Typed."}).id)


def _administered(vendor: VendorWorld) -> dict[str, str]:
    """What administrators look after."""
    tag = secrets.token_hex(4)
    with acting_as(system_actor(vendor.tenant.id)):
        colleague = accounts.add_staff(email=f"away-{tag}@example.org", name="Kim Rao", role=Membership.Role.CLINICIAN)
        invited = invitations.invite(email=f"new-{tag}@example.org", name="Noor Ito", roles=[Membership.Role.CLINICIAN])
        away = leave.plan_leave(clinician_id=colleague.id, starts_at=now() + timedelta(days=1))
    return {
        "key_id": str(vendor.key()[0].id),
        "user_id": str(vendor.clinician.id),
        "clinician_id": str(vendor.clinician.id),
        "invitation_id": str(invited.id),
        "leave_id": str(away.id),
    }


def nothing() -> dict[str, str]:
    """Ids that nobody has."""
    return {**{name: str(uuid.uuid4()) for name in NOUNS}, **SAID}


def _made(vendor: VendorWorld, path: str, body: Mapping[str, object]) -> str:
    answer = vendor.api.post(path, body, idempotency_key=secrets.token_hex(8))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])
