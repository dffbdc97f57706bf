"""Let go of what was typed and never saved, after its person was told (`drafts.py` says when and why)."""

import logging
import uuid
from smtplib import SMTPException

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.urls import reverse

from apps.accounts.models import Membership
from apps.audit import recording as audit
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.notes.drafts import GONE_AFTER, GONE_AFTER_SIGNED, GONE_AFTER_TOLD, TOLD_AFTER, UNDONE_WITHIN
from apps.notes.models import NoteDraft
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant

logger = logging.getLogger("throughline.mail")


@shared_task(name="notes.forget_drafts")
def forget_drafts() -> int:
    """Remove what is due at each vendor, then tell whose drafts will be. Returns how many were removed."""
    tenants = list(Tenant.objects.filter(kind=Tenant.Kind.VENDOR).order_by("id"))
    removed = sum(forget_drafts_of(tenant.id) for tenant in tenants)
    for tenant in tenants:
        tell_of_drafts_of(tenant)
    return removed


def forget_drafts_of(tenant_id: uuid.UUID) -> int:
    moment = now()
    with acting_as(system_actor(tenant_id)):
        staff = Membership.objects.filter(tenant_id=tenant_id, ended_at=None).values("user_id")
        due = (
            Q(discarded_at__lt=moment - UNDONE_WITHIN)
            | Q(note__signed_at__lt=moment - GONE_AFTER_SIGNED, is_addendum=False)
            | Q(kept_at__lt=moment - GONE_AFTER, told_at__lt=moment - GONE_AFTER_TOLD)
            | (Q(kept_at__lt=moment - GONE_AFTER) & ~Q(person_id__in=staff))
        )
        gone = list(NoteDraft.objects.filter(due, tenant_id=tenant_id).values_list("id", flat=True))
        if gone:
            NoteDraft.objects.filter(tenant_id=tenant_id, id__in=gone).delete()
            audit.record("note.drafts_forgotten", rows=gone, reason="retention")
        return len(gone)


def tell_of_drafts_of(tenant: Tenant) -> None:
    """A mail to each person of the tenant whose drafts have waited long; one that does not go out is tried again."""
    with acting_as(system_actor(tenant.id)):
        waiting = NoteDraft.objects.kept().filter(tenant_id=tenant.id, kept_at__lt=now() - TOLD_AFTER, told_at=None)
        people = set(waiting.values_list("person_id", flat=True))
        here = Membership.objects.filter(tenant_id=tenant.id, ended_at=None, user_id__in=people)
        for person_id, email in set(here.values_list("user_id", "user__email")):
            drafts = waiting.filter(person_id=person_id)
            if _told(email, tenant, drafts.count()):
                drafts.update(told_at=now())


def _told(email: str, tenant: Tenant, number: int) -> bool:
    """Names neither member nor text: mail is read by others."""
    date = f"{now() + GONE_AFTER_TOLD:%d %B %Y}"
    drafts = "1 draft of a note" if number == 1 else f"{number} drafts of notes"
    message = (
        f"You have {drafts} at {tenant.name} that you typed {TOLD_AFTER.days} days ago or longer and never saved.\n"
        f"On {date} they will be removed. To save or discard them, sign in and open\n\n"
        f"{settings.BASE_URL}{reverse('note_work:drafts')}\n"
    )
    try:
        send_mail("Unsaved drafts will be removed", message, None, [email])
    except (SMTPException, OSError) as error:
        logger.warning("mail about drafts not sent: tenant=%s (%s)", tenant.id, type(error).__name__)
        return False
    return True
