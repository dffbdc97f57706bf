"""What people fill in, one part of the care context at a time: its shape only, the verbs hold the rules."""

from datetime import date
from typing import Any, ClassVar, Self, cast

from django import forms
from django.http import QueryDict

from apps.care_context.lines import DAY_IN_FIGURES, Goals, Group, Lines, as_typed, rearranged
from apps.care_context.models import (
    LONGEST_CONTACT,
    LONGEST_FOCUS,
    LONGEST_INSTRUCTIONS,
    MOST_CONTACTS,
    CareContext,
    Content,
)
from apps.care_context.policies import why_not_that_day
from apps.care_context.wording import FIELD_TITLES, FREQUENCIES, MODALITIES, PART_TITLES, STEP_TITLES, STEPS, STYLES

LATEST_VERSION = 2**31 - 2


class Choice(forms.TypedChoiceField):
    def __init__(self, field: str, labels: dict[str, str]) -> None:
        choices = [("", "Not decided"), *labels.items()]
        super().__init__(label=FIELD_TITLES[field], required=False, choices=choices, empty_value=None)


class Passage(forms.CharField):
    """Running text, None when nothing was typed."""

    def __init__(self, *, label: str, longest: int) -> None:
        typed_in = forms.Textarea(attrs={"dir": "auto", "rows": 6})
        super().__init__(label=label, required=False, max_length=longest, empty_value=None, widget=typed_in)

    def to_python(self, value: object) -> str | None:
        return super().to_python(as_typed(value))


class ReviewedOn(forms.DateField):
    """The day on which the plan was gone through with the member."""

    def __init__(self, *, required: bool = True, hint: str = "") -> None:
        super().__init__(
            label="Reviewed with the member on",
            required=required,
            help_text=hint,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={
                "required": "Enter the day on which you went through the plan together.",
                "invalid": f"Enter the date as {DAY_IN_FIGURES}.",
            },
        )

    def clean(self, value: Any) -> date | None:
        day = cast("date | None", super().clean(value))
        if day and (fault := why_not_that_day(day)):
            raise forms.ValidationError(fault)
        return day


class LinesForm(forms.Form):
    """Something that is kept in versions, with lines among its fields, and the version that was read."""

    version = forms.IntegerField(min_value=0, max_value=LATEST_VERSION, widget=forms.HiddenInput)
    # A line was added or taken away: what is on the page is not judged yet.
    is_unsent = False

    @classmethod
    def sent(cls, data: QueryDict) -> Self:
        return cls(data, label_suffix="")

    @classmethod
    def rearranged(cls, data: QueryDict, wish: str) -> Self:
        form = cls.sent(rearranged(data, wish))
        form.is_unsent = True
        return form

    def at_version(self, version: int) -> Self:
        """The same words, to be saved over that version."""
        data = cast(QueryDict, self.data).copy()
        data["version"] = str(version)
        return self.sent(data)

    @property
    def is_faulty(self) -> bool:
        return self.is_bound and not self.is_unsent and bool(self.errors)

    @property
    def groups(self) -> list[Group]:
        drawn = [(self[name], field) for name, field in self.fields.items() if isinstance(field, Lines)]
        return [field.drawn(bound, self.faults_of(bound)) for bound, field in drawn]

    @property
    def singles(self) -> list[tuple[forms.BoundField, list[str]]]:
        """The visible fields that are not lines, each with its faults."""
        bound = [self[name] for name, field in self.fields.items() if not isinstance(field, Lines)]
        return [(each, self.faults_of(each)) for each in bound if not each.is_hidden]

    def faults_of(self, bound: forms.BoundField) -> list[str]:
        return [str(fault) for fault in bound.errors] if self.is_faulty else []


class PartForm(LinesForm):
    """One part of the care context. `says` names the fields of the content."""

    part: ClassVar[str]
    says: ClassVar[tuple[str, ...]]

    @classmethod
    def of(cls, context: CareContext) -> Self:
        return cls(label_suffix="", initial={**cls.read(context.content), "version": context.version})

    @classmethod
    def read(cls, content: Content) -> dict[str, object]:
        said = dict(content)
        return {field: said[field] for field in cls.says}

    def applied_to(self, content: Content) -> Content:
        """That content with this part as it was typed."""
        return cast(Content, {**content, **self.typed()})

    def typed(self) -> dict[str, object]:
        return {field: self.cleaned_data[field] for field in self.says}

    @property
    def title(self) -> str:
        return PART_TITLES[self.part]


class ApproachForm(PartForm):
    part = "approach"
    says = ("modality", "session_frequency", "communication_style")
    modality = Choice("modality", MODALITIES)
    session_frequency = Choice("session_frequency", FREQUENCIES)
    communication_style = Choice("communication_style", STYLES)


class GoalsForm(PartForm):
    part = "treatment_goals"
    says = ("treatment_goals",)
    treatment_goals = Goals(label=FIELD_TITLES["treatment_goals"], hint="What the member wants to reach, and by when.")


class TopicsForm(PartForm):
    part = "topics"
    says = ("focus_areas", "topics_to_avoid")
    focus_areas = Lines(
        label=FIELD_TITLES["focus_areas"], hint="What the care is about, in a word or two each.", longest=LONGEST_FOCUS
    )
    topics_to_avoid = Lines(label=FIELD_TITLES["topics_to_avoid"], hint="What nobody brings up unless the member does.")


class CompanionForm(PartForm):
    part = "companion"
    says = ("companion_enabled", "companion_instructions")
    companion_enabled = forms.BooleanField(label="The companion may talk with the member", required=False)
    companion_instructions = Passage(label=FIELD_TITLES["companion_instructions"], longest=LONGEST_INSTRUCTIONS)


class PlanForm(PartForm):
    part = "safety_plan"
    says = ("safety_plan",)
    reviewed_on = ReviewedOn(required=False, hint="Leave it empty if you have not gone through the plan together.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for step in STEPS:
            self.fields[step.code] = Lines(label=STEP_TITLES[step.code], hint=step.hint)

    @classmethod
    def read(cls, content: Content) -> dict[str, object]:
        return dict(content["safety_plan"])

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if sent.get("reviewed_on") and not self.errors and not any(sent[step.code] for step in STEPS):
            self.add_error("reviewed_on", "An empty plan cannot have been reviewed; write it, or leave the day empty.")
        return sent

    def typed(self) -> dict[str, object]:
        return {"safety_plan": {step.code: self.cleaned_data[step.code] for step in STEPS}}


class ReviewForm(forms.Form):
    """A review of the plan as `plan_version` left it."""

    plan_version = forms.IntegerField(min_value=0, max_value=LATEST_VERSION, widget=forms.HiddenInput)
    reviewed_on = ReviewedOn()


class ContactsForm(LinesForm):
    contacts = Lines(
        label="Whom members can call at any hour",
        hint="A service and its number on each line, the first to call first.",
        longest=LONGEST_CONTACT,
        most=MOST_CONTACTS,
    )


class ComparisonForm(forms.Form):
    """Which two versions; 0 is the empty one before the first."""

    older = forms.IntegerField(min_value=0, max_value=LATEST_VERSION)
    newer = forms.IntegerField(min_value=0, max_value=LATEST_VERSION)


FORMS: dict[str, type[PartForm]] = {
    form.part: form for form in (ApproachForm, GoalsForm, TopicsForm, CompanionForm, PlanForm)
}
