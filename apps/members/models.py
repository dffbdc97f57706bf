"""Members: the person, and what each tenant knows of them.

A **person** is one row of the platform without content; its id is the `member_id` at every vendor. Name, contact,
birth date and external id stand in each tenant's own **assignment**, under that tenant's key. An assignment with
`ended_at` is over: the member is no longer the vendor's. Risk, flags, last session and engagement are columns here,
kept by the verbs that change them, so that no list computes them. Finding someone by an encrypted name goes through
**search tokens**, blind indexes under the tenant's key.

`measure_due` is the code of the instrument that falls due next (empty while none was given), `measure_due_at` when, and
`improvement_due_at` from when on a reliable improvement is missing (null while there is none to wait for). They are of
the current course of care and are computed with the risk; `apps/assessments/following.py` says how they are reached.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from apps.accounts.models import Membership, User
from apps.audit import recording as audit
from apps.core.actor import Actor
from apps.core.clock import now
from apps.core.database import run
from apps.core.ids import uuid7
from apps.members.errors import MemberNotFound
from apps.tenants.models import TenantOwned
from apps.vault import blind
from apps.vault.fields import EncryptedJSONField

COLUMNS = """
a.id, a.person_id, a.external_id, a.profile, a.pronouns, a.timezone, a.status, a.assigned_at, a.primary_clinician_id,
u.name, a.risk_level, a.open_crisis_flags, a.last_session_at
"""
ONE = f"""
SELECT {COLUMNS} FROM members_assignment a LEFT JOIN accounts_user u ON u.id = a.primary_clinician_id
WHERE a.tenant_id = %s AND a.person_id = %s AND a.ended_at IS NULL
"""
Row = tuple[Any, ...]


class Risk(models.TextChoices):
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"


class Person(models.Model):
    """Someone in care, without content. `email_index` is a blind index under the platform's key, for linking."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    email_index = models.BinaryField(max_length=32, null=True, unique=True)
    created_at = models.DateTimeField(default=now)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, actor: Actor) -> "AssignmentQuerySet":
        """The assignments that are not over, of the actor's tenant; a person at the portal sees those in their reach."""
        current = self.filter(tenant_id=actor.tenant_id, ended_at=None)
        if actor.door != "portal":
            return current
        return current.filter(Q(primary_clinician_id__in=actor.reach) | Q(person_id__in=actor.opened))

    def with_measure_due(self, moment: datetime) -> "AssignmentQuerySet":
        """Those in active care whose `measure_due` is due at `moment`; one is overdue from `measure_due_at` on."""
        return self.filter(status="active", measure_due_at__lte=moment)

    def without_improvement(self, moment: datetime) -> "AssignmentQuerySet":
        """Those in active care who are eight weeks past a first score in the clinical range, not reliably improved."""
        return self.filter(status="active", improvement_due_at__lte=moment)

    def require(self, member_id: uuid.UUID) -> "Assignment":
        """The assignment of that member among these; `MemberNotFound` without one, whyever."""
        found = self.filter(person_id=member_id).first()
        if found is None:
            raise MemberNotFound
        return found

    def found_by(self, tenant_id: uuid.UUID, text: str) -> "AssignmentQuerySet":
        """Those who have every word of `text`, or a name that begins with it; nobody where it holds no word."""
        tokens = blind.query_tokens(tenant_id, text)
        found = self if tokens else self.none()
        for token in tokens:
            having = SearchToken.objects.filter(tenant_id=tenant_id, token=token)
            found = found.filter(id__in=having.values("assignment_id"))
        return found

    def administered_by(self, actor: Actor) -> "AssignmentQuerySet":
        """All of the actor's tenant that are not over, for an administrator of it: to assign them, never to open a chart."""
        if Membership.Role.ADMIN not in actor.roles:
            return self.none()
        return self.filter(tenant_id=actor.tenant_id, ended_at=None)

    def without_clinician(self) -> "AssignmentQuerySet":
        """Those whom nobody treats: no clinician is named, or the one named is no clinician there any more."""
        treating = Membership.objects.filter(
            tenant_id=OuterRef("tenant_id"),
            user_id=OuterRef("primary_clinician_id"),
            role=Membership.Role.CLINICIAN,
            ended_at=None,
        )
        return self.filter(~Exists(treating))

    def one(self, tenant_id: uuid.UUID, member_id: uuid.UUID) -> Row | None:
        """The columns of `COLUMNS` for one member, or None when the tenant has no such member; recorded and committed."""
        one = (ONE, (tenant_id, member_id))
        rows = run([audit.reading(one, action="member.read", member_id=member_id, unless_empty=True)], commit=True)[0]
        return rows[0] if rows else None

    def page(
        self,
        tenant_id: uuid.UUID,
        *,
        status: str | None = None,
        risk_level: str | None = None,
        tokens: Sequence[bytes] | None = None,
        limit: int,
        offset: int,
    ) -> tuple[int, list[Row]]:
        """How many there are, and the columns of `COLUMNS` for one page, newest assignment first; recorded and committed.

        Without a search the count is read from the kept tally, so that it costs the same at any size.
        """
        where, params = _conditions(tenant_id, status, risk_level, tokens)
        # Written out: with a limit that it does not know, the server would plan the page anew each time.
        page = f"""
            SELECT {COLUMNS} FROM members_assignment a LEFT JOIN accounts_user u ON u.id = a.primary_clinician_id
            WHERE {where} ORDER BY a.assigned_at DESC, a.id DESC LIMIT {limit:d} {"OFFSET %s" if offset else ""}
        """
        if tokens is None:
            count = _tally(tenant_id, status, risk_level)
        else:
            count = (f"SELECT count(*) FROM members_assignment a WHERE {where}", params)
        paged = (*params, offset) if offset else params
        action = "member.listed" if tokens is None else "member.searched"
        counted, rows = run([count, audit.reading((page, paged), action=action)], commit=True)
        return int(counted[0][0]), rows


def _tally(tenant_id: uuid.UUID, status: str | None, risk_level: str | None) -> tuple[str, tuple[object, ...]]:
    sql, params = "SELECT coalesce(sum(amount), 0) FROM members_tally WHERE tenant_id = %s", [tenant_id]
    extra: list[object] = []
    for column, value in (("status", status), ("risk_level", risk_level)):
        if value is not None:
            sql += f" AND {column} = %s"
            extra.append(value)
    return sql, (*params, *extra)


def _conditions(
    tenant_id: uuid.UUID, status: str | None, risk_level: str | None, tokens: Sequence[bytes] | None
) -> tuple[str, tuple[object, ...]]:
    where = "a.tenant_id = %s AND a.ended_at IS NULL"
    params: list[object] = [tenant_id]
    for column, value in (("status", status), ("risk_level", risk_level)):
        if value is not None:
            where += f" AND a.{column} = %s"
            params.append(value)
    if tokens is not None:
        where += " AND false" if not tokens else ""
        for token in tokens:
            where += (
                " AND a.id IN (SELECT t.assignment_id FROM members_searchtoken t"
                " WHERE t.tenant_id = %s AND t.token = %s)"
            )
            params += [tenant_id, token]
    return where, tuple(params)


class Assignment(TenantOwned):
    class Status(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        DISCHARGED = "discharged"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    external_id = models.CharField(max_length=200, null=True)
    # One sealed document {first_name, last_name, preferred_name, email, phone, date_of_birth}: a list of 25
    # members then opens 25 values and not 150.
    profile = EncryptedJSONField()
    pronouns = models.CharField(max_length=60, default="")
    timezone = models.CharField(max_length=64, default="UTC")
    status = models.CharField(max_length=20, choices=Status, default=Status.ACTIVE)
    primary_clinician = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    assigned_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    risk_level = models.CharField(max_length=20, choices=Risk, default=Risk.LOW)
    open_crisis_flags = models.PositiveIntegerField(default=0)
    last_session_at = models.DateTimeField(null=True)
    intelligence_stale_at = models.DateTimeField(null=True)
    measure_due = models.CharField(max_length=40, default="", db_default="")
    measure_due_at = models.DateTimeField(null=True)
    improvement_due_at = models.DateTimeField(null=True)

    # Set by `policies.with_access` alone.
    is_covered: bool
    covered_until: datetime | None
    opened_until: datetime | None

    objects: ClassVar[AssignmentQuerySet] = AssignmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "person"],
                condition=models.Q(ended_at=None),
                name="members_one_current_assignment",
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "external_id"],
                condition=models.Q(external_id__isnull=False, ended_at=None),
                name="members_external_id_is_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "paused", "discharged"]), name="members_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(risk_level__in=["low", "moderate", "high", "critical"]),
                name="members_risk_level_is_known",
            ),
        )
        indexes = (
            models.Index(
                fields=["tenant_id", "-assigned_at", "-id"],
                condition=models.Q(ended_at=None),
                name="members_newest_first",
            ),
            models.Index(
                fields=["tenant_id", "risk_level", "-assigned_at", "-id"],
                condition=models.Q(ended_at=None),
                name="members_by_risk",
            ),
            models.Index(
                fields=["tenant_id", "status", "-assigned_at", "-id"],
                condition=models.Q(ended_at=None),
                name="members_by_status",
            ),
            models.Index(
                fields=["tenant_id", "intelligence_stale_at"],
                condition=models.Q(intelligence_stale_at__isnull=False),
                name="members_stale_intelligence",
            ),
            models.Index(
                fields=["tenant_id", "primary_clinician", "measure_due_at"],
                condition=models.Q(ended_at=None, measure_due_at__isnull=False),
                name="members_measures_due",
            ),
            models.Index(
                fields=["tenant_id", "primary_clinician", "improvement_due_at"],
                condition=models.Q(ended_at=None, improvement_due_at__isnull=False),
                name="members_no_improvement",
            ),
        )

    @property
    def member_id(self) -> uuid.UUID:
        return self.person_id

    @property
    def called(self) -> str:
        """The name to call them by: the preferred one, else the first, and the last."""
        first = self.profile.get("preferred_name") or self.profile.get("first_name") or ""
        return f"{first} {self.profile.get('last_name') or ''}".strip()

    def is_current(self) -> bool:
        return self.ended_at is None


class SearchToken(TenantOwned):
    """One blind index by which an assignment is found; never the word itself."""

    token = models.BinaryField(max_length=16)
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="tokens", db_index=False)

    class Meta:
        indexes = (
            models.Index(fields=["tenant_id", "token", "assignment"], name="members_find_by_token"),
            models.Index(fields=["tenant_id", "assignment"], name="members_tokens_of_assignment"),
        )


class Tally(TenantOwned):
    """How many current members a tenant has by status and risk, as differences that a job folds together.

    Written by a trigger, so that neither a verb nor a bulk load can forget it; differences, so that two writers
    never wait for each other.
    """

    status = models.CharField(max_length=20)
    risk_level = models.CharField(max_length=20)
    amount = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["tenant_id"], name="members_tally_of_tenant"),)
