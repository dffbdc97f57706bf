"""What an administrator fills in: its shape only, the verbs hold the rules."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import transaction
from django.http import QueryDict

from apps.accounts.models import Membership, User
from apps.accounts.policies import roles_at
from apps.accounts.staff import Colleague
from apps.core.errors import Conflict, Invalid

Choices = Sequence[tuple[str, str]]
SAYS = {
    Membership.Role.CLINICIAN: "Clinician: treats members",
    Membership.Role.SUPERVISOR: "Supervisor: sees the members of the clinicians supervised",
    Membership.Role.ADMIN: "Administrator: staff, keys and settings, no charts",
    Membership.Role.AUDITOR: "Auditor: reads the audit, changes nothing",
    Membership.Role.OPERATOR: "Operator of the platform",
}


def done(form: forms.Form, verb: Callable[[], object]) -> bool:
    """Whether the verb did it; its refusal goes to the fields that it names, or above the form, and undoes what it began."""
    try:
        with transaction.atomic():
            verb()
    except (Conflict, Invalid) as refused:
        for field, reasons in refused.fields.items() or [("", [refused.message])]:
            for reason in reasons:
                form.add_error(field if field in form.fields else None, reason)
        return False
    return True


def people(found: Iterable[User], empty: str) -> Choices:
    return [("", empty), *((str(user.id), user.name) for user in found)]


def clinicians(staff: Iterable[Colleague], but: uuid.UUID | None = None) -> list[User]:
    return [each.user for each in staff if each.is_clinician and each.user.id != but]


class PersonField(forms.TypedChoiceField):
    """One of the people offered, as their id; None for nobody."""

    def __init__(self, *, label: str, required: bool, choices: Choices = ()) -> None:
        super().__init__(
            label=label,
            required=required,
            choices=choices,
            coerce=uuid.UUID,
            empty_value=None,
            error_messages={"required": "Choose someone.", "invalid_choice": "Choose someone from the list."},
        )


class DayField(forms.DateField):
    def __init__(self, *, label: str, required: bool) -> None:
        super().__init__(
            label=label,
            required=required,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d"],
            error_messages={"required": "Choose a day.", "invalid": "Choose a day, as year-month-day."},
        )

    def clean(self, value: object) -> date | None:
        """Within what a zone and a day more or less leave standing."""
        day: date | None = super().clean(value)
        if day is not None and not 1900 < day.year < 9000:
            raise forms.ValidationError("Choose a day of this century.")
        return day


class RolesField(forms.MultipleChoiceField):
    def __init__(self, tenant_id: uuid.UUID) -> None:
        super().__init__(
            label="Roles",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(str(role), SAYS[role]) for role in roles_at(tenant_id)],
            error_messages={"invalid_choice": "Choose from the list."},
        )


class InvitationForm(forms.Form):
    email = forms.CharField(
        label="Email",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter the email that the invitation goes to."},
    )
    name = forms.CharField(
        label="Name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": "Enter the name that colleagues know."},
    )

    def __init__(self, data: QueryDict | None, tenant_id: uuid.UUID) -> None:
        super().__init__(data, label_suffix="")
        self.fields["roles"] = RolesField(tenant_id)


class RolesForm(forms.Form):
    def __init__(self, data: QueryDict | None, tenant_id: uuid.UUID, held: Iterable[str] = ()) -> None:
        super().__init__(data, label_suffix="", initial={"roles": [str(role) for role in held]})
        self.fields["roles"] = RolesField(tenant_id)


class SupervisorForm(forms.Form):
    def __init__(self, data: QueryDict | None, supervisors: Iterable[User], now: User | None = None) -> None:
        super().__init__(data, label_suffix="", initial={"supervisor": str(now.id) if now else ""})
        self.fields["supervisor"] = PersonField(
            label="Supervised by", required=False, choices=people(supervisors, "Nobody")
        )


class EndForm(forms.Form):
    """Who takes over the members, where there are any."""

    confirmed = forms.BooleanField(
        label="End their work here now", error_messages={"required": "Confirm that their work here ends."}
    )

    def __init__(self, data: QueryDict | None, successors: Iterable[User], *, treats: bool) -> None:
        super().__init__(data, label_suffix="")
        if treats:
            self.fields["clinician"] = PersonField(
                label="Their members go to", required=True, choices=people(successors, "Choose a clinician")
            )
            self.order_fields(["clinician", "confirmed"])


class LeaveForm(forms.Form):
    """The first and the last day of a leave, both whole, in the zone of the workplace."""

    starts_on = DayField(label="First day away", required=True)
    ends_on = DayField(label="Last day away, if it is known", required=False)

    def __init__(self, data: QueryDict | None, staff: Sequence[Colleague], zone: str, chosen: str = "") -> None:
        super().__init__(data, label_suffix="", initial={"clinician": chosen})
        self.zone = ZoneInfo(zone)
        theirs = clinicians(staff)
        self.fields["clinician"] = PersonField(
            label="Who is away", required=True, choices=people(theirs, "Choose a clinician")
        )
        self.fields["covered_by"] = PersonField(
            label="Who covers", required=False, choices=people(theirs, "Nobody: only while no flags are open")
        )
        self.order_fields(["clinician", "starts_on", "ends_on", "covered_by"])

    @property
    def wanted(self) -> dict[str, Any]:
        """As `plan_leave` takes it."""
        given = self.cleaned_data
        last: date | None = given["ends_on"]
        return {
            "clinician_id": given["clinician"],
            "starts_at": self._midnight(given["starts_on"]),
            "ends_at": self._midnight(last + timedelta(days=1)) if last else None,
            "covered_by_id": given["covered_by"],
        }

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)


class CoverForm(forms.Form):
    def __init__(self, data: QueryDict | None, staff: Sequence[Colleague], but: uuid.UUID) -> None:
        super().__init__(data, label_suffix="")
        self.fields["covered_by"] = PersonField(
            label="Who covers", required=False, choices=people(clinicians(staff, but), "Nobody")
        )


class MembersField(forms.TypedMultipleChoiceField):
    """Ids of members, whichever; the verb says which of them are here."""

    def __init__(self) -> None:
        super().__init__(
            coerce=uuid.UUID,
            error_messages={
                "required": "Choose at least one member.",
                "invalid_choice": "Choose members from the list.",
            },
        )

    def valid_value(self, value: object) -> bool:
        return True


class GiveForm(forms.Form):
    """These members, or with `everyone` all whom the clinician of the page treats, to another."""

    everyone = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict | None, successors: Iterable[User]) -> None:
        super().__init__(data, label_suffix="")
        self.fields["member"] = MembersField()
        self.fields["member"].required = "everyone" not in (data or {})
        self.fields["clinician"] = PersonField(
            label="Give to", required=True, choices=people(successors, "Choose a clinician")
        )
