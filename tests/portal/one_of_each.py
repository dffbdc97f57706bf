"""One row of every noun that a page's address can name, made by the same verbs as in real life."""

import secrets
import uuid
from collections.abc import Mapping

from tests.handoffs.steps import offer
from tests.people import VendorWorld, make_vendor

NOUNS = ("member_id", "session_id", "note_id", "flag_id", "handoff_id")
# What addresses name beside rows.
SAID = {"note_type": "soap", "part": "topics", "number": "1"}
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
        **SAID,
    }


def nothing() -> dict[str, str]:
    """Ids that nobody has."""
    return {**{name: str(uuid.uuid4()) for name in NOUNS}, **SAID}


def _made(vendor: VendorWorld, path: str, body: Mapping[str, object]) -> str:
    answer = vendor.api.post(path, body, idempotency_key=secrets.token_hex(8))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])
