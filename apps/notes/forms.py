"""The shape of what is sent to the pages of notes: a text for each section, and what stands beside them."""

import uuid
from collections.abc import Mapping

from django import forms

from apps.notes.models import LONGEST_SECTION, sections_of


class Passage(forms.CharField):
    """Running text as it was typed, in any script; line ends as `\\n`, however the browser sends them."""

    def __init__(self, *, label: str, required: bool = False, rows: int = 8) -> None:
        typed_in = forms.Textarea(attrs={"dir": "auto", "rows": rows})
        super().__init__(label=label, required=required, strip=False, max_length=LONGEST_SECTION, widget=typed_in)

    def to_python(self, value: object) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class NoteForm(forms.Form):
    """One text for each section of `note_type`, the version that was read, and the token of this very form."""

    version = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        note_type: str,
        data: Mapping[str, object] | None = None,
        *,
        content: Mapping[str, str] | None = None,
        version: int | None = None,
    ) -> None:
        super().__init__(data, label_suffix="", initial={**(content or {}), "version": version, "token": uuid.uuid4()})
        self.note_type = note_type
        for section in sections_of(note_type):
            self.fields[section] = Passage(label=label_of(section))

    @property
    def content(self) -> dict[str, str]:
        return {section: self.cleaned_data[section] for section in sections_of(self.note_type)}


class SignForm(forms.Form):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label="I have read the note as it stands above and sign it",
        error_messages={"required": "Confirm that you have read the note; a signed note never changes."},
    )


class AddendumForm(forms.Form):
    KINDS = (("addition", "Adds to the note"), ("correction", "Corrects the note"))

    token = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="This addendum", choices=KINDS, widget=forms.RadioSelect, initial="addition")
    reason = forms.CharField(label="Why the note is corrected", required=False, max_length=500)
    body = Passage(label="Text of the addendum", required=True)

    def clean(self) -> dict[str, object]:
        sent = super().clean() or {}
        if sent.get("kind") == "correction" and not sent.get("reason"):
            self.add_error("reason", "A correction says why: what was wrong in the note.")
        elif "body" in sent and len(self.content["body"]) > LONGEST_SECTION:
            self.add_error("body", f"With its reason the text must be at most {LONGEST_SECTION} characters.")
        return sent

    @property
    def content(self) -> dict[str, str]:
        """A correction says that it is one, and why, in its own signed text."""
        body = self.cleaned_data["body"]
        if self.cleaned_data.get("kind") == "correction":
            return {"body": f"Correction. Reason: {self.cleaned_data['reason']}\n\n{body}"}
        return {"body": body}


def label_of(section: str) -> str:
    return "Note" if section == "body" else section.replace("_", " ").capitalize()
