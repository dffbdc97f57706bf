"""Whether the audit is as it was sealed, checked part by part from the browser.

Each sending checks one part of some tenths of a second and tells which seals, so that nothing runs on when the page is
left: to leave it is to stop. Whoever can change rows and all seals after them can forge the chain; that is why the page
shows the newest digest, to be kept elsewhere.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.models import Membership
from apps.accounts.pages import PortalRequest, page
from apps.audit import chain
from apps.audit import recording as audit
from apps.audit.models import Record
from apps.core.errors import Invalid
from apps.tenants.context import current_work

CHECKED = "audit.verified"


class ProofForm(forms.Form):
    """Where to begin, and what this run has come to so far."""

    first = forms.IntegerField(min_value=1, max_value=2**60)
    rows = forms.IntegerField(min_value=0, max_value=2**60, required=False)


class Check(NamedTuple):
    """The last part that somebody checked here."""

    at: datetime
    by: str
    found: Mapping[str, int]


@page("POST", roles={Membership.Role.ADMIN, Membership.Role.AUDITOR})
def verify(request: PortalRequest) -> HttpResponse:
    form = ProofForm(request.POST)
    if not form.is_valid():
        raise Invalid("Give the number of a seal, from 1.", fields={"first": ["This is no number of a seal."]})
    part = chain.verify_part(form.cleaned_data["first"])
    newest = chain.newest_seal()
    found = {"first": part.first, "last": part.last, "rows": part.rows, "faults": len(part.faults)}
    found["newest"] = newest.number if newest else 0
    altered = [fault.row_id for fault in part.faults if fault.row_id]
    audit.record(CHECKED, rows=altered[:100], reason="administration", details=found)
    context = {"part": part, "newest": newest, "rows": part.rows + (form.cleaned_data["rows"] or 0)}
    template = "audit/proof.html#part" if request.htmx else "audit/proof.html"
    return render(request, template, context)


def last_check() -> Check | None:
    checks = Record.objects.of_tenant(current_work().tenant_id).filter(action=CHECKED).newest_first()
    last = checks.only("occurred_at", "actor_name", "details").first()
    return Check(last.occurred_at, last.actor_name, last.details) if last else None
