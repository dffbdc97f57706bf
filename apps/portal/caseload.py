"""The caseload: the members whom the person treats or covers, found by name although it is sealed."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import Case, F, IntegerField, OrderBy, Value, When
from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.members.models import Assignment, AssignmentQuerySet, Risk
from apps.members.policies import by_reason
from apps.tenants.context import current_work

PAGE = 25
BY_RISK = Case(
    *[When(risk_level=level, then=Value(rank)) for rank, level in enumerate(Risk.values)], output_field=IntegerField()
)
ORDERS: dict[str, tuple[str, OrderBy]] = {
    "newest": ("Newest first", F("assigned_at").desc()),
    "risk": ("Highest risk first", BY_RISK.desc()),
    "flags": ("Most open flags first", F("open_crisis_flags").desc()),
    "session": ("Longest since a session first", F("last_session_at").asc(nulls_first=True)),
}


class Wish(forms.Form):
    """Which of the members, in which order. What makes no sense is left out."""

    q = forms.CharField(max_length=200, required=False, label="Name, email or id")
    risk = forms.ChoiceField(choices=[("", "Any risk"), *Risk.choices], required=False, label="Risk")
    order = forms.ChoiceField(choices=[(code, ORDERS[code][0]) for code in ORDERS], required=False, label="Order")


@page(roles=CLINICAL)
def caseload(request: PortalRequest) -> HttpResponse:
    wish = Wish(request.GET)
    wish.is_valid()
    asked = wish.cleaned_data
    found = _matching(Assignment.objects.visible_to(request.actor), asked.get("q", ""), asked.get("risk", ""))
    order = ORDERS[asked.get("order") or "newest"][1]
    members = Paginator(found.order_by(order, "-id"), PAGE).get_page(request.GET.get("page"))
    action = "member.searched" if asked.get("q") else "member.listed"
    for reason, rows in by_reason(request.actor, [(member, member.id) for member in members]).items():
        audit.record(action, rows=rows, reason=reason)
    kept = request.GET.copy()
    kept.pop("page", None)
    template = "portal/caseload.html#rows" if request.htmx.target == "rows" else "portal/caseload.html"
    return render(request, template, {"members": members, "wish": wish, "kept": kept.urlencode()})


def _matching(members: AssignmentQuerySet, text: str, risk: str) -> AssignmentQuerySet:
    if risk:
        members = members.filter(risk_level=risk)
    return members.found_by(current_work().tenant_id, text) if text.strip() else members
