"""A signed note says what was signed, or says nothing."""

import logging
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connections, transaction

from apps.core.actor import system_actor
from apps.core.database import run
from apps.notes.models import Note, NoteSignature
from apps.tenants.context import acting_as
from apps.vault import keyring
from apps.vault.fields import seal_value
from tests.handoffs.steps import EVERYTHING, body
from tests.notes.test_write import a_note, a_session
from tests.people import VendorWorld

SECRET = "never written by the signer"


@pytest.fixture
def signed(vendor: VendorWorld) -> UUID:
    return UUID(vendor.api.post("/notes/", a_note(a_session(vendor), status="signed")).json()["id"])


def rewrite(vendor: VendorWorld, note_id: UUID, content: bytes | None = None) -> None:
    """As key rotation may write a signed note's content."""
    with acting_as(system_actor(vendor.tenant.id)):
        forged = seal_value(Note._meta.get_field("content"), vendor.tenant.id, note_id, {"plan": SECRET})
        change = ("UPDATE notes_note SET content = %s WHERE id = %s", (content or forged, note_id))
        run([("SELECT set_config('throughline.rotating', 'on', true)", ()), change])


def verify(vendor: VendorWorld, **options: object) -> str:
    out = StringIO()
    call_command("verify_notes", tenant=vendor.tenant.slug, stdout=out, **options)
    return out.getvalue()


def test_a_note_rewritten_after_signing_is_not_shown_and_logged_without_content(
    vendor: VendorWorld, signed: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    rewrite(vendor, signed)
    with caplog.at_level(logging.ERROR, "throughline.notes"):
        answer = vendor.api.get("/notes/")
    assert (answer.status_code, str(signed) in answer.json()["detail"]) == (409, True)
    assert f"note={signed}" in caplog.text
    assert SECRET not in caplog.text + answer.content.decode()


@pytest.mark.parametrize("content", [None, b"\x01" + b"x" * 60])
def test_verify_notes_names_it(vendor: VendorWorld, signed: UUID, content: bytes | None) -> None:
    draft = vendor.api.post("/notes/", a_note(a_session(vendor))).json()["id"]
    assert verify(vendor) == "Every signed note is as it was signed.\n"
    rewrite(vendor, signed, content)
    out = StringIO()
    with pytest.raises(CommandError, match="1 signed notes"):
        call_command("verify_notes", tenant=vendor.tenant.slug, stdout=out)
    assert str(signed) in out.getvalue()
    assert draft not in out.getvalue()


def test_it_does_not_travel_with_a_handoff(vendor: VendorWorld, other_vendor: VendorWorld, signed: UUID) -> None:
    member_id = vendor.api.get("/notes/").json()["results"][0]["member_id"]
    rewrite(vendor, signed)
    assert vendor.api.post("/handoffs/", body(other_vendor, member_id, EVERYTHING)).status_code == 409


def test_it_stays_known_when_keys_rotate(vendor: VendorWorld, signed: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    before = vendor.api.get("/notes/").json()
    monkeypatch.setattr(keyring, "LIFE_SECONDS", 0.0)
    call_command("rotate_keys", tenant=vendor.tenant.slug, stdout=StringIO(), stderr=StringIO())
    assert vendor.api.get("/notes/").json() == before
    assert verify(vendor).startswith("Every")


def as_from_before(vendor: VendorWorld, note_id: UUID) -> None:
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('throughline.tenant_id', %s, true)", [str(vendor.tenant.id)])
        cursor.execute("ALTER TABLE notes_notesignature DISABLE TRIGGER notes_keep_signature")
        cursor.execute("ALTER TABLE notes_notesignature DROP CONSTRAINT notes_signer_keeps_a_digest")
        cursor.execute("UPDATE notes_notesignature SET digest = NULL WHERE note_id = %s", [note_id])
        cursor.execute("ALTER TABLE notes_notesignature ENABLE TRIGGER notes_keep_signature")
        cursor.execute(
            "ALTER TABLE notes_notesignature ADD CONSTRAINT notes_signer_keeps_a_digest "
            "CHECK (role <> 'signer' OR digest IS NOT NULL) NOT VALID"
        )


def test_a_signature_from_before_is_completed_once(vendor: VendorWorld, signed: UUID) -> None:
    as_from_before(vendor, signed)
    assert vendor.api.get("/notes/").status_code == 200
    with pytest.raises(CommandError, match="1 signed notes"):
        verify(vendor)
    assert verify(vendor, complete=True).startswith("Every")
    rewrite(vendor, signed)
    with pytest.raises(CommandError, match="1 signed notes"):
        verify(vendor, complete=True)


def test_a_kept_digest_never_changes_and_a_signer_keeps_one(vendor: VendorWorld, signed: UUID) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        for change in ("digest = 'x'", "digest = NULL"):
            with pytest.raises(IntegrityError), transaction.atomic():
                run([(f"UPDATE notes_notesignature SET {change} WHERE note_id = %s", (signed,))])
    draft = vendor.api.post("/notes/", a_note(a_session(vendor))).json()["id"]
    with pytest.raises(IntegrityError), acting_as(system_actor(vendor.tenant.id)):
        NoteSignature.objects.create(tenant_id=vendor.tenant.id, note_id=draft, signed_by={})
