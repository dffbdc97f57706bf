"""Verbs of handoffs: offer, read the packet, accept, decline, complete, cancel, expire.

Each locks the handoff first, so that of two verbs at once one wins and the other meets the new state.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from apps.audit import recording as audit
from apps.core.actor import Actor, system_actor
from apps.core.clock import now
from apps.core.database import run
from apps.core.errors import DomainError
from apps.core.ids import uuid7
from apps.crisis import actions as crisis
from apps.events import recording as events
from apps.handoffs import completing, offering, packet, policies, receiving
from apps.handoffs.errors import HandoffNotFound, HandoffNotValid, ReceiverLetGo
from apps.handoffs.models import Handoff, HandoffStep, Packet, PacketRead, Part
from apps.handoffs.policies import Consent
from apps.members import actions as members
from apps.members.errors import AlreadyAssigned
from apps.tenants.context import current_work
from apps.vault.records import encoded, row

LIFETIME = timedelta(days=7)
HANDED_ON = "The receiving vendor handed the member on."
Status = Handoff.Status


def offer(
    *,
    member_id: uuid.UUID,
    to_tenant_id: uuid.UUID,
    handoff_type: str,
    urgency: str,
    reason: str,
    clinical_summary: str,
    consent: Consent,
    shared_care: bool = False,
    expires_at: datetime | None = None,
) -> Handoff:
    """Offer a member's care to another vendor, freezing what the consent covers. It lasts 7 days unless said.

    `MemberNotFound`; `HandoffNotValid` with the fields; `OpenHandoffExists` when one of this member is open; one that is
    overdue is expired first.
    """
    work, at = current_work(), now()
    around = offering.look_around(member_id, to_tenant_id, at)
    _refuse(policies.why_not_hand_off(work.actor, around.assignment))
    _refuse_fields(
        {
            "to_vendor_id": policies.why_not_send_to(around.sender, around.receiver),
            **policies.why_not_offer(reason, clinical_summary, expires_at, at),
            **policies.why_not_consent(consent, at),
        }
    )
    handoff = Handoff(
        tenant_id=work.tenant_id,
        to_tenant_id=around.receiver.id if around.receiver else to_tenant_id,
        member_id=member_id,
        handoff_type=handoff_type,
        urgency=urgency,
        reason=reason,
        clinical_summary=clinical_summary,
        shared_care=shared_care,
        consent_obtained_at=consent.obtained_at,
        consent_scope=[part for part in Part.values if part in consent.scope],
        consent_expires_at=consent.expires_at,
        expires_at=expires_at or at + LIFETIME,
        created_at=at,
    )
    if around.has_overdue:
        expire_overdue(member_id=member_id)
    handoff.from_name, handoff.to_name = around.sender.name, around.receiver.name if around.receiver else ""
    offering.write(handoff, _new_step(handoff), packet.freeze(handoff, around.assignment, at))
    _tell(handoff, "created")
    return handoff


def read_packet(*, handoff_id: uuid.UUID) -> Packet:
    """The acting side's own copy of the packet, with a receipt of this reading.

    When a person of the receiver reads it for the first time, both vendors are told.
    """
    work = current_work()
    found = receiving.packet_for(work.actor, work.tenant_id, handoff_id)
    if found is None:
        raise HandoffNotFound
    handoff = found.handoff
    _refuse(policies.why_not_read_context(handoff, work.tenant_id, now()))
    PacketRead.objects.create(tenant_id=work.tenant_id, handoff=handoff, by=work.actor.reference())
    audit.record("handoff.context_read", rows=[handoff.id, found.id], member_id=handoff.member_id, reason="handoff")
    if work.actor.kind == "person" and handoff.to_tenant_id == work.tenant_id and not found.was_read:
        # A reading does not wait for the disk; what both vendors are told of it does.
        run([("SELECT set_config('synchronous_commit', 'on', true)", ())])
        _announce(handoff, "read")
    return found


def accept(*, handoff_id: uuid.UUID, clinician_id: uuid.UUID | None = None) -> Handoff:
    """Take the member on: assigns them to the receiver, named as the packet names them, and to a clinician if given.

    `HandoffNotValid` when that is no clinician of the receiver. Whom the receiver has already, it knows by its own words;
    they are entrusted to the clinician where nobody treats them yet.
    """
    work = current_work()
    if clinician_id is not None:
        is_clinician = receiving.clinicians_of(work.tenant_id).filter(id=clinician_id).exists()
        _refuse_fields({"clinician_id": policies.why_not_entrust(is_clinician)})
    handoff = _locked(handoff_id)
    _refuse(policies.why_not_accept(handoff, work.tenant_id, now()))
    received = Packet.objects.get(tenant_id=work.tenant_id, handoff=handoff)
    known = packet.identity(received)
    try:
        members.assign(person_id=handoff.member_id, primary_clinician_id=clinician_id, reason="handoff", **known)
    except AlreadyAssigned:
        if clinician_id is not None:
            receiving.entrust_where_nobody_treats(handoff.member_id, clinician_id)
    return _moved(handoff, Status.ACCEPTED)


def decline(*, handoff_id: uuid.UUID, reason: str) -> Handoff:
    """`HandoffNotValid` without a reason."""
    _refuse_fields({"reason": policies.why_not_words(reason)})
    handoff = _locked(handoff_id)
    _refuse(policies.why_not_decline(handoff, current_work().tenant_id, now()))
    return _moved(handoff, Status.DECLINED, reason)


def complete(*, handoff_id: uuid.UUID) -> Handoff:
    """Finish an accepted handoff. Unless care is shared, the sender's assignment ends and its open flags move.

    What the sender itself had accepted of this member ends with its assignment. `RiskNotCovered` when a flag is open
    that the consent does not let pass; `ReceiverLetGo` when the receiver is not assigned the member any more, so that
    nobody would be.
    """
    held = completing.hold(handoff_id)
    handoff = _locked(handoff_id)
    at = now()
    _refuse(policies.why_not_complete(handoff, current_work().tenant_id, at))
    if handoff.shared_care:
        return _moved(handoff, Status.COMPLETED)
    if held is None or not held.assigned:
        raise ReceiverLetGo
    if held.flags:
        _refuse(policies.why_not_move_flags(handoff, at))
    _hand_over(handoff, held, at)
    return handoff


def cancel(*, handoff_id: uuid.UUID, reason: str) -> Handoff:
    """`HandoffNotValid` without a reason."""
    _refuse_fields({"reason": policies.why_not_words(reason)})
    handoff = _locked(handoff_id)
    _refuse(policies.why_not_cancel(handoff, current_work().tenant_id, now()))
    return _moved(handoff, Status.CANCELLED, reason)


def expire_overdue(*, member_id: uuid.UUID | None = None) -> int:
    """Expire what the acting tenant sent, of one member if given, and nobody answered in time. Returns how many.

    Ones that another work holds are left to it, unless it is this member's, which is waited for.
    """
    tenant_id = current_work().tenant_id
    overdue = Handoff.objects.outgoing(tenant_id).overdue(now())
    if member_id is not None:
        overdue = overdue.of_member(member_id)
    found = overdue.select_for_update(skip_locked=member_id is None)
    by = system_actor(tenant_id)
    steps = [_step_to(handoff, Status.EXPIRED, by=by, at=handoff.expires_at) for handoff in found]
    if steps:
        _write(steps)
    return len(steps)


def _locked(handoff_id: uuid.UUID) -> Handoff:
    visible = Handoff.objects.visible_to(current_work().actor).whole()
    handoff = visible.select_for_update(of=("self",)).filter(id=handoff_id).first()
    if handoff is None:
        raise HandoffNotFound
    return handoff


def _refuse(refusal: DomainError | None) -> None:
    if refusal is not None:
        raise refusal


def _refuse_fields(faults: Mapping[str, str | None]) -> None:
    wrong = {path: [message] for path, message in faults.items() if message}
    if wrong:
        raise HandoffNotValid("Some fields are not valid.", fields=wrong)


def _hand_over(handoff: Handoff, held: completing.Held, at: datetime) -> None:
    """Bring the sender's open flags over, end its assignment, and close what it had accepted itself of this member."""
    sender = handoff.tenant_id
    opened = crisis.transfer(held.flags, handoff_id=handoff.id)
    if held.assignment_id is not None:
        members.tell_of_end(held.assignment_id, tenant_id=sender, member_id=handoff.member_id, reason="handoff")
    by = system_actor(sender)
    closed = [_step_to(other, Status.CANCELLED, HANDED_ON, by=by, side=sender) for other in held.accepted]
    completing.write(held, opened=opened, closed=closed, completed=_step_to(handoff, Status.COMPLETED), at=at)


def _moved(handoff: Handoff, status: Handoff.Status, reason: str | None = None) -> Handoff:
    _write([_step_to(handoff, status, reason)])
    return handoff


def _write(steps: Sequence[HandoffStep]) -> None:
    """The steps, and their handoffs' status with them."""
    run([("SELECT handoffs_move(%s::jsonb)", (encoded([row(step) for step in steps]),))])


def _step_to(
    handoff: Handoff,
    status: Handoff.Status,
    reason: str | None = None,
    *,
    by: Actor | None = None,
    at: datetime | None = None,
    side: uuid.UUID | None = None,
) -> HandoffStep:
    """The handoff's step to that status, recorded for `side` (the acting tenant unless said), for the caller to write."""
    handoff.status = status
    _tell(handoff, str(status), by, side)
    return _new_step(handoff, reason, by, at)


def _new_step(
    handoff: Handoff, reason: str | None = None, by: Actor | None = None, at: datetime | None = None
) -> HandoffStep:
    step = HandoffStep(
        id=uuid7(),
        tenant_id=handoff.tenant_id,
        to_tenant_id=handoff.to_tenant_id,
        handoff=handoff,
        status=str(handoff.status),
        at=at or now(),
        by=(by or current_work().actor).reference(),
        reason=reason,
    )
    handoff.new_steps.append(step)
    return step


def _tell(handoff: Handoff, what: str, by: Actor | None = None, side: uuid.UUID | None = None) -> None:
    """The audit record of who acts, and at both vendors the event of `by`, if another."""
    audit.record(f"handoff.{what}", rows=[handoff.id], member_id=handoff.member_id, reason="handoff", tenant_id=side)
    _announce(handoff, what, by)


def _announce(handoff: Handoff, what: str, by: Actor | None = None) -> None:
    """The event at both vendors."""
    data = {
        "handoff_id": str(handoff.id),
        "status": str(handoff.status),
        "handoff_type": handoff.handoff_type,
        "urgency": handoff.urgency,
        "from_vendor_id": str(handoff.tenant_id),
        "to_vendor_id": str(handoff.to_tenant_id),
    }
    for tenant_id in (handoff.tenant_id, handoff.to_tenant_id):
        events.record(f"handoff.{what}", member_id=handoff.member_id, data=data, tenant_id=tenant_id, actor=by)
