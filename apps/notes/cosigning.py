"""Co-signatures: whose notes need whose, which wait, and the verbs to co-sign and to return.

A co-signature is a second signature beside the first, with a digest of its own over the same note; nothing is unlocked
for it. A **rule** says that a clinician's notes need the co-signature of their supervisor: all of them or a share drawn
by lot when each is signed, for good or until a day. It asks for what is signed from then on, addenda included; when it
ends, or names somebody else, what was asked for stays asked for, of whoever is named then. A co-signer who is not
content **returns** the note with a comment: its author writes an addendum, with which the note waits again.
"""

import secrets
import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Min

from apps.accounts.models import Membership
from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.errors import Invalid, NotFound
from apps.core.ids import uuid7
from apps.notes import digests, policies
from apps.notes.errors import NotAsRead, NoteNotFound
from apps.notes.models import CosigningRule, CosignRequest, CosignReturn, Note, NoteSignature
from apps.notes.policies import Clinician
from apps.tenants.context import current_work

State = CosignRequest.State
LONGEST_COMMENT = 2_000
HUNDRED = 100


def on_signed(note: Note) -> None:
    """Ask for the co-signature that a rule demands under a note just signed, and again under what was returned for it."""
    signer = current_work().actor
    if note.addendum_to_id is not None:
        answered = CosignRequest.objects.filter(
            tenant_id=note.tenant_id, note_id=note.addendum_to_id, state=State.RETURNED
        )
        answered.update(state=State.WAITING)
    if signer.kind != "person":
        return
    rule = CosigningRule.objects.filter(tenant_id=note.tenant_id, clinician_id=signer.id).first()
    if rule is None or (rule.ends_at and rule.ends_at <= now()) or secrets.randbelow(HUNDRED) >= rule.share:
        return
    CosignRequest.objects.create(
        tenant_id=note.tenant_id, note=note, cosigner_id=rule.cosigner_id, signer_id=signer.id, asked_at=now()
    )


def cosign(*, note_id: uuid.UUID, read: Collection[uuid.UUID]) -> list[Note]:
    """Put the actor's signature beside the first, under the note and those of its addenda that wait for it.

    `read` are the ids of the note and all its signed addenda as they were read; `NotAsRead` when there are others now.
    Returns what was co-signed.
    """
    thread = _locked_thread(note_id)
    requests = _requests(thread)
    actor = current_work().actor
    mine = [note for note in thread if not policies.why_not_cosign(actor, note, requests.get(note.id))]
    refusal = policies.why_not_cosign(actor, thread[0], requests.get(note_id))
    if refusal and not mine:
        raise refusal
    if {note.id for note in thread} != set(read):
        raise NotAsRead("Something was added to this note since you opened it. Read it again, then co-sign it.")
    at = now()
    for note in mine:
        digests.words(note)
        signature = NoteSignature(
            id=uuid7(),
            tenant_id=note.tenant_id,
            note=note,
            role=NoteSignature.Role.COSIGNER,
            signed_by=actor.reference(),
            signed_at=at,
        )
        signature.digest = digests.digest_of_cosignature(note, signature)
        signature.save(force_insert=True)
    CosignRequest.objects.filter(tenant_id=current_work().tenant_id, note__in=mine).update(state=State.COSIGNED)
    audit.record("note.cosigned", rows=[note.id for note in mine], member_id=thread[0].member_id)
    return mine


def return_for_addendum(*, note_id: uuid.UUID, comment: str) -> CosignReturn:
    """Ask the author for an addendum, and say why; the note waits again once there is one. Nothing is unlocked."""
    note = _locked_thread(note_id)[0]
    request = _requests([note]).get(note.id)
    if refusal := policies.why_not_return(current_work().actor, note, request):
        raise refusal
    if request is None or not comment.strip() or len(comment) > LONGEST_COMMENT:
        raise Invalid.field("comment", f"Say in at most {LONGEST_COMMENT} characters what the author should add.")
    returned = CosignReturn(
        tenant_id=note.tenant_id,
        request=request,
        comment=comment,
        returned_by=current_work().actor.reference(),
        returned_at=now(),
    )
    returned.save(force_insert=True)
    request.state = State.RETURNED
    request.save(update_fields=["state"])
    audit.record("note.returned", rows=[note.id, returned.id], member_id=note.member_id)
    return returned


def clinicians() -> list[Clinician]:
    """Who signs notes at this tenant now, by name."""
    signing = Membership.objects.filter(
        tenant_id=current_work().tenant_id, ended_at=None, role__in=policies.WRITING_ROLES
    )
    found: dict[uuid.UUID, Clinician] = {}
    for row in signing.values_list("user_id", "user__name", "supervisor_id", "supervisor__name"):
        known = found.get(row[0])
        if known is None or known.supervisor_id is None:
            found[row[0]] = Clinician(row[0], row[1], row[2], row[3] or "")
    return sorted(found.values(), key=lambda each: each.name.casefold())


def set_rule(
    *, clinician_id: uuid.UUID, cosigner_id: uuid.UUID, share: int = 100, ends_at: datetime | None = None
) -> None:
    """Let notes that the clinician signs from now on need that co-signature: `share` in a hundred, until `ends_at`.

    What waits already waits for that co-signer. Raises `Invalid` by field.
    """
    _require_rulable(clinician_id, cosigner_id)
    if not 1 <= share <= HUNDRED:
        raise Invalid.field("share", "Must be from 1 to 100 of a hundred notes.")
    if ends_at is not None and ends_at <= now():
        raise Invalid.field("ends_at", "Must be in the future. To end the rule now, remove it.")
    work = current_work()
    rule = {"cosigner_id": cosigner_id, "share": share, "ends_at": ends_at}
    CosigningRule.objects.update_or_create(
        tenant_id=work.tenant_id,
        clinician_id=clinician_id,
        defaults={**rule, "made_by": work.actor.reference(), "made_at": now()},
    )
    asked = CosignRequest.objects.filter(tenant_id=work.tenant_id, signer_id=clinician_id)
    asked.exclude(state=State.COSIGNED).update(cosigner_id=cosigner_id)
    details = {"clinician": str(clinician_id), "cosigner": str(cosigner_id), "share": share}
    audit.record(
        "cosigning.rule_set",
        reason="administration",
        details={**details, "ends_at": ends_at.isoformat() if ends_at else None},
    )


def end_rule(*, clinician_id: uuid.UUID) -> None:
    """Let the clinician's notes need no co-signature from now on; what waits goes on waiting."""
    _require_rulable(clinician_id, None)
    CosigningRule.objects.filter(tenant_id=current_work().tenant_id, clinician_id=clinician_id).delete()
    audit.record("cosigning.rule_ended", reason="administration", details={"clinician": str(clinician_id)})


def waiting_by_signer() -> dict[uuid.UUID, tuple[int, datetime]]:
    """How many notes of each clinician wait for a co-signature, and since when the oldest does."""
    waiting = CosignRequest.objects.filter(tenant_id=current_work().tenant_id).waiting()
    by_signer = waiting.values_list("signer_id").annotate(number=Count("id"), oldest=Min("asked_at"))
    return {signer: (number, oldest) for signer, number, oldest in by_signer.order_by()}


def _require_rulable(clinician_id: uuid.UUID, cosigner_id: uuid.UUID | None) -> None:
    clinician = next((each for each in clinicians() if each.id == clinician_id), None)
    if clinician is None:
        raise NotFound("There is no such clinician at this organisation.")
    if refusal := policies.why_not_rule(current_work().actor, clinician, cosigner_id):
        raise refusal


def _locked_thread(note_id: uuid.UUID) -> list[Note]:
    """A signed note and the signed addenda to it, oldest first; the note is locked."""
    own = Note.objects.visible_to(current_work().actor)
    note = own.select_for_update(of=("self",)).with_signatures().signed().filter(id=note_id).first()
    if note is None:
        raise NoteNotFound
    return [note, *own.with_signatures().signed().filter(addendum_to_id=note_id).oldest_first()]


def _requests(thread: list[Note]) -> dict[uuid.UUID, CosignRequest]:
    found = CosignRequest.objects.select_for_update().filter(tenant_id=current_work().tenant_id, note__in=thread)
    return {request.note_id: request for request in found}
