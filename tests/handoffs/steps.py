"""What the tests of handoffs do again and again, through the API."""

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections, transaction

from apps.handoffs.models import Part
from apps.notes.models import sections_of
from tests.people import Api, VendorWorld

EVERYTHING = tuple(Part.values)


def soon(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def body(receiver: VendorWorld, member_id: object, scope: Sequence[str] = EVERYTHING, **changes: Any) -> dict[str, Any]:
    consent = {"obtained": True, "obtained_at": "2026-01-01T00:00:00Z", "scope": list(scope)}
    consent |= changes.pop("consent", {})
    return {
        "member_id": str(member_id),
        "to_vendor_id": str(receiver.tenant.id),
        "handoff_type": "transfer",
        "urgency": "routine",
        "reason": "Moving to another town.",
        "clinical_summary": "Stable on weekly sessions.",
        "consent": consent,
        **changes,
    }


def offer(sender: VendorWorld, receiver: VendorWorld, member_id: object, *scope: str, **changes: Any) -> dict[str, Any]:
    """The handoff as the sender is answered, with everything in its scope unless said."""
    answer = sender.api.post("/handoffs/", body(receiver, member_id, scope or EVERYTHING, **changes))
    assert answer.status_code == 201, answer.content
    handoff: dict[str, Any] = answer.json()
    return handoff


def overdue_offer(vendor: VendorWorld, other_vendor: VendorWorld, member_id: object) -> dict[str, Any]:
    """One whose time ran out without the job having come by."""
    made = offer(vendor, other_vendor, member_id)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('throughline.tenant_id', %s, true)", [str(vendor.tenant.id)])
        cursor.execute("UPDATE handoffs_handoff SET expires_at = now() WHERE id = %s", [made["id"]])
        assert cursor.rowcount == 1
    return made


def act(vendor: VendorWorld, handoff: dict[str, Any], verb: str, reason: str | None = None) -> tuple[int, Any]:
    answer = vendor.api.post(f"/handoffs/{handoff['id']}/{verb}/", {"reason": reason} if reason else None)
    return answer.status_code, answer.json()


def context(vendor: VendorWorld, handoff: dict[str, Any]) -> tuple[int, Any]:
    answer = vendor.api.get(f"/handoffs/{handoff['id']}/context/")
    return answer.status_code, answer.json()


def flag(vendor: VendorWorld, member_id: object, **changes: Any) -> dict[str, Any]:
    sent = {"member_id": str(member_id), "category": "self_harm", "severity": "high", "description": "Said so."}
    answer = vendor.api.post("/crisis-flags/", {**sent, **changes})
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def session(vendor: VendorWorld, member_id: object, **changes: Any) -> dict[str, Any]:
    sent = {
        "member_id": str(member_id),
        "session_type": "individual",
        "modality": "phone",
        "started_at": soon(days=-3),
        "summary": "Spoke about sleep.",
        "mood_after": 6,
    }
    answer = vendor.api.post("/sessions/", {**sent, **changes})
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def note(vendor: VendorWorld, session_id: object, note_type: str = "soap", status: str = "signed") -> dict[str, Any]:
    content = {section: f"{note_type} {section}" for section in sections_of(note_type)}
    sent = {"session_id": str(session_id), "note_type": note_type, "content": content, "status": status}
    answer = vendor.api.post("/notes/", sent)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def assess(vendor: VendorWorld, member_id: object, answers: Sequence[int], **changes: Any) -> dict[str, Any]:
    sent = {"member_id": str(member_id), "instrument": "phq9", "answers": list(answers), **changes}
    answer = vendor.api.post("/assessments/", sent)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def with_a_record(vendor: VendorWorld, member_id: str | None = None) -> str:
    """A member, a new one unless given, of whom there is something in every part."""
    member_id = member_id or str(vendor.member().person_id)
    held = session(vendor, member_id)
    for note_type in ("soap", "psychotherapy"):
        note(vendor, held["id"], note_type)
    assess(vendor, member_id, [1] * 9)
    flag(vendor, member_id)
    return member_id


def event_types(api: Api, member_id: uuid.UUID | str) -> list[str]:
    return [event["type"] for event in events_of(api, member_id)]


def events_of(api: Api, member_id: uuid.UUID | str, kind: str | None = None) -> list[dict[str, Any]]:
    """Of that member, and of that type if given; the first 100 that the feed has."""
    results = api.get("/events/", {"limit": 100, **({"type": kind} if kind else {})}).json()["results"]
    return [event for event in results if event["member_id"] == str(member_id)]


def at_once(*calls: Callable[[], int]) -> list[int]:
    """The statuses of calls that are made at the same time."""

    def make(call: Callable[[], int]) -> int:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(make, calls))
