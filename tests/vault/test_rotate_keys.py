"""manage.py rotate_keys: every protected value under a new key, whatever happens meanwhile."""

import base64
import os
import signal
import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.core.actor import Actor, system_actor
from apps.core.database import run
from apps.notes.models import Note
from apps.tenants.context import acting_as
from apps.vault import actions, keyring, rotation
from apps.vault.models import DataKey, RotationProgress
from tests.care_context.test_update import PLAN_PARTS
from tests.notes.test_write import a_note, a_session
from tests.people import VendorWorld

pytestmark = pytest.mark.usefixtures("_known_at_once")


@pytest.fixture
def _known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other process runs here, so nobody has to be waited for."""
    monkeypatch.setattr(keyring, "LIFE_SECONDS", 0.0)


def operator_of(vendor: VendorWorld) -> Actor:
    return system_actor(vendor.tenant.id, door="command")


def rotate(vendor: VendorWorld) -> None:
    call_command("rotate_keys", tenant=vendor.tenant.slug, stdout=StringIO(), stderr=StringIO())


def notes_of(vendor: VendorWorld, count: int = 3, **changes: Any) -> list[dict[str, Any]]:
    session_id = a_session(vendor)
    return [vendor.api.post("/notes/", a_note(session_id, **changes)).json() for _ in range(count)]


EMPTY_PLAN: dict[str, list[str]] = {part: [] for part in PLAN_PARTS}
HEADS = """
SELECT DISTINCT substring({column} FROM 1 FOR 5) FROM {table} WHERE tenant_id = %s AND {column} IS NOT NULL
"""


def heads(vendor: VendorWorld) -> set[bytes]:
    """The keys that this tenant's values stand under, over all protected columns."""
    found: set[bytes] = set()
    with acting_as(operator_of(vendor)):
        for column in rotation.protected_columns():
            found.update(bytes(row[0]) for row in run([(column.sql(HEADS), (vendor.tenant.id,))])[0])
    return found


def stored(vendor: VendorWorld, note_id: str) -> dict[str, Any]:
    """The note as the vendor reads it."""
    return next(note for note in vendor.api.get("/notes/").json()["results"] if note["id"] == note_id)


def current_head(vendor: VendorWorld) -> bytes:
    return keyring.head_of(keyring.current_key(vendor.tenant.id)[0])


def test_all_values_stand_under_the_new_key_and_read_the_same(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    notes, theirs = notes_of(vendor), notes_of(other_vendor)
    path = f"/members/{vendor.member().person_id}/care-context/"
    context = vendor.api.put(
        path, {"version": 0, "safety_plan": EMPTY_PLAN, "companion_instructions": "Be brief."}
    ).json()
    before, untouched = current_head(vendor), heads(other_vendor)
    rotate(vendor)
    assert vendor.api.get(path).json() == context
    assert heads(vendor) == {current_head(vendor)} != {before}
    assert heads(other_vendor) == untouched
    for world, written in ((vendor, notes), (other_vendor, theirs)):
        for note in written:
            assert stored(world, note["id"])["content"] == note["content"]
    assert list(vendor.api.get("/members/", {"search": "ada"}).json()["results"])


def test_a_signed_note_comes_under_the_new_key_unchanged(vendor: VendorWorld) -> None:
    note = notes_of(vendor, 1, status="signed")[0]
    rotate(vendor)
    assert heads(vendor) == {current_head(vendor)}
    assert stored(vendor, note["id"]) == note


def test_a_stopped_rotation_goes_on_with_the_same_key(vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    notes_of(vendor, 7)
    actor, old = operator_of(vendor), current_head(vendor)
    batches: list[int] = []
    columns = actions.begin_rotation(actor=actor)
    assert not actions.seal_anew(columns, actor=actor, stopped=lambda: sum(batches) > 2, looked=batches.append)
    assert old in heads(vendor)
    target = current_head(vendor)
    with acting_as(actor):
        stopped_at = sum(progress.done for progress in RotationProgress.objects.filter(finished_at=None))
    assert stopped_at == sum(batches)
    rotate(vendor)
    assert heads(vendor) == {target} == {current_head(vendor)}
    with acting_as(actor):
        assert not RotationProgress.objects.filter(finished_at=None).exists()


def test_ctrl_c_stops_between_two_batches_and_says_how_to_go_on(
    vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes_of(vendor)
    advance, handler = rotation.advance, signal.getsignal(signal.SIGINT)

    def interrupted(progress: RotationProgress) -> int:
        rows = advance(progress)
        signal.raise_signal(signal.SIGINT)
        return rows

    monkeypatch.setattr(rotation, "advance", interrupted)
    with pytest.raises(CommandError, match="run rotate_keys again to go on"):
        rotate(vendor)
    assert signal.getsignal(signal.SIGINT) is handler
    monkeypatch.undo()
    monkeypatch.setattr(keyring, "LIFE_SECONDS", 0.0)
    rotate(vendor)
    assert heads(vendor) == {current_head(vendor)}


def test_what_somebody_writes_meanwhile_stays(vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    note = notes_of(vendor, 1)[0]
    renewed = rotation._renewed

    def overtaken(
        progress: RotationProgress, row_id: uuid.UUID, sealed: bytes
    ) -> tuple[uuid.UUID, bytes, bytes] | None:
        answer = renewed(progress, row_id, sealed)
        if progress.table == Note._meta.db_table:
            mine = Note.objects.get(pk=note["id"])
            mine.content = {**note["content"], "plan": "changed meanwhile"}
            mine.save(update_fields=["content"])
        return answer

    monkeypatch.setattr(rotation, "_renewed", overtaken)
    rotate(vendor)
    assert stored(vendor, note["id"])["content"]["plan"] == "changed meanwhile"
    assert heads(vendor) == {current_head(vendor)}


def test_rows_sealed_under_the_old_key_meanwhile_are_found_by_the_second_look(vendor: VendorWorld) -> None:
    note = notes_of(vendor, 1)[0]
    actor = operator_of(vendor)
    with acting_as(actor):
        late = run([("SELECT content FROM notes_note WHERE id = %s", (note["id"],))])[0][0][0]
    columns = actions.begin_rotation(actor=actor)
    assert actions.seal_anew(columns, actor=actor)
    with acting_as(actor):
        run([("UPDATE notes_note SET content = %s WHERE id = %s", (late, note["id"]))])
    assert actions.finish_rotation(columns, actor=actor)
    assert heads(vendor) == {current_head(vendor)}


def test_a_value_that_does_not_open_is_left_and_named(vendor: VendorWorld) -> None:
    good, bad = notes_of(vendor, 2)
    with acting_as(operator_of(vendor)):
        run([("UPDATE notes_note SET content = content || '\\x00' WHERE id = %s", (bad["id"],))])
        spoilt = run([("SELECT content FROM notes_note WHERE id = %s", (bad["id"],))])[0][0][0]
    with pytest.raises(CommandError, match=r"left as they are: 1 in notes_note\.content\."):
        rotate(vendor)
    with acting_as(operator_of(vendor)):
        assert run([("SELECT content FROM notes_note WHERE id = %s", (bad["id"],))])[0][0][0] == spoilt
    with acting_as(operator_of(vendor)):
        assert Note.objects.get(pk=good["id"]).content == good["content"]


def test_a_retired_configured_key_may_go_after_a_rotation(vendor: VendorWorld, settings: Settings) -> None:
    note = notes_of(vendor, 1)[0]
    old = settings.FIELD_ENCRYPTION_KEY
    new = base64.urlsafe_b64encode(os.urandom(32)).decode()
    settings.FIELD_ENCRYPTION_KEY = [new, *old]
    rotate(vendor)
    settings.FIELD_ENCRYPTION_KEY = [new]
    keyring.forget()
    with acting_as(operator_of(vendor)):
        assert Note.objects.get(pk=note["id"]).content == note["content"]
        assert DataKey.objects.filter(tenant_id=vendor.tenant.id).values("wrapped_by").distinct().count() == 1


def test_a_column_that_may_not_be_updated_is_named_before_anything_changes(
    vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "protected_columns", lambda: [rotation.Column("audit_record", "details", "id")])
    before = current_head(vendor)
    with pytest.raises(CommandError, match=r"may not update audit_record\.details; grant it that"):
        rotate(vendor)
    assert current_head(vendor) == before


def test_an_unknown_tenant_is_named() -> None:
    with pytest.raises(CommandError, match="There is no tenant nobody-here with protected data"):
        call_command("rotate_keys", tenant="nobody-here")
