"""What needs doing at an organisation: one question each, composed on its home page."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from apps.accounts.models import Cover, Invitation, Leave
from apps.core.actor import Actor
from apps.core.clock import now
from apps.crisis.models import CrisisFlag, Status
from apps.members.models import Assignment


@dataclass(frozen=True, slots=True)
class Concern:
    """`count` things wait, as `one` or `many` says behind the number. `level` is one of risk's; `url` is where to `act`."""

    count: int
    one: str
    many: str
    level: str
    url: str
    act: str

    @property
    def says(self) -> str:
        return self.one if self.count == 1 else self.many


def _unanswered_flags(actor: Actor) -> Concern:
    waiting = CrisisFlag.objects.visible_to(actor).with_status(Status.OPEN).order_by()
    found = waiting.aggregate(all=Count("id"), late=Count("id", filter=Q(respond_by__lt=now())))
    url, act = reverse("organisation:assignments"), "See whose they are"
    if found["late"]:
        one, many = "crisis flag is overdue for an answer", "crisis flags are overdue for an answer"
        return Concern(found["late"], one, many, "critical", url, act)
    return Concern(found["all"], "crisis flag waits for an answer", "crisis flags wait for an answer", "high", url, act)


def _uncovered(actor: Actor) -> Concern:
    covered = Cover.objects.filter(tenant_id=actor.tenant_id, clinician_id=OuterRef("clinician_id")).present()
    away = Leave.objects.visible_to(actor).present().filter(~Exists(covered))
    one, many = "clinician is away and nobody covers", "clinicians are away and nobody covers"
    return Concern(away.count(), one, many, "high", reverse("organisation:leave"), "Choose who covers")


def _unassigned(actor: Actor) -> Concern:
    amount = Assignment.objects.administered_by(actor).without_clinician().count()
    one, many = "member has no clinician", "members have no clinician"
    return Concern(amount, one, many, "moderate", reverse("organisation:assignments"), "Assign them")


def _invitations(actor: Actor) -> Concern:
    amount = Invitation.objects.visible_to(actor).unanswered().count()
    one, many = "invitation is not accepted yet", "invitations are not accepted yet"
    return Concern(amount, one, many, "low", reverse("organisation:staff"), "Look at them")


Question = Callable[[Actor], Concern]
# In the order in which they press.
CONCERNS: tuple[Question, ...] = (_unanswered_flags, _uncovered, _unassigned, _invitations)


def concerns_of(actor: Actor) -> list[Concern]:
    """Those that there is something to do about."""
    return [concern for ask in CONCERNS if (concern := ask(actor)).count]
