"""Counting a member's records in the statement that also asks whether the member is assigned."""

import uuid
from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet, Subquery

from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.tenants.context import current_work


def count_of_member(records: QuerySet[Any], member_id: uuid.UUID) -> int:
    """How many of `records`, which must be those of one member, there are; `MemberNotFound` when not assigned.

    A list that is narrowed to a member must tell an empty answer from someone else's member, and has one
    statement for the count: this is that one.
    """
    amount = Func(F("pk"), function="COUNT", output_field=IntegerField())
    counted = Subquery(records.order_by().annotate(counted=amount).values("counted"))
    current = Assignment.objects.filter(tenant_id=current_work().tenant_id, person_id=member_id, ended_at=None)
    found: int | None = current.order_by().values_list(counted, flat=True).first()
    if found is None:
        raise MemberNotFound
    return found
