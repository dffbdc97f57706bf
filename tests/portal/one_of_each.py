"""One row of every noun that a page's address can name, made by the same verbs as in real life."""

import secrets
import uuid
from collections.abc import Mapping

from tests.people import VendorWorld

AT = "2026-03-02T09:00:00Z"


def one_of_each(vendor: VendorWorld) -> dict[str, str]:
    """The ids at `vendor`, by the name that a page's address gives them."""
    member_id = str(vendor.member().member_id)
    session = {"member_id": member_id, "session_type": "intake", "modality": "phone", "started_at": AT}
    session_id = _made(vendor, "/sessions/", session)
    note = {"session_id": session_id, "note_type": "progress", "content": {"body": "Seen."}}
    flag = {"member_id": member_id, "category": "self_harm", "severity": "low", "description": "Told."}
    return {
        "member_id": member_id,
        "session_id": session_id,
        "note_id": _made(vendor, "/notes/", note),
        "note_type": "soap",
        "flag_id": _made(vendor, "/crisis-flags/", flag),
    }


def nothing() -> dict[str, str]:
    """Ids that nobody has."""
    names = ("member_id", "session_id", "note_id", "flag_id")
    return {**{name: str(uuid.uuid4()) for name in names}, "note_type": "soap"}


def _made(vendor: VendorWorld, path: str, body: Mapping[str, object]) -> str:
    answer = vendor.api.post(path, body, idempotency_key=secrets.token_hex(8))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])
