"""The shape of what is sent to the pages of notes: a text for each section, and what stands beside them."""

import uuid
from collections.abc import Mapping

from django import forms

from apps.notes.cosigning import LONGEST_COMMENT
from apps.notes.models import LONGEST_SECTION, NoteRetraction, sections_of


class Passage(forms.CharField):
    """Running text as it was typed, in any script; line ends as `\\n`, however the browser sends them."""

    def __init__(
        self,
        *,
        label: str,
        required: bool = False,
        rows: int = 8,
        longest: int = LONGEST_SECTION,
        missing: str = "Write something here first.",
    ) -> None:
        typed_in = forms.Textarea(attrs={"dir": "auto", "rows": rows})
        super().__init__(
            label=label,
            required=required,
            strip=False,
            max_length=longest,
            widget=typed_in,
            error_messages={"required": missing},
        )

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


class KeptAddendumForm(forms.Form):
    """An addendum as far as it was typed: nothing is missing yet."""

    token = forms.UUIDField(required=False)
    kind = forms.ChoiceField(choices=AddendumForm.KINDS, required=False)
    reason = forms.CharField(required=False, max_length=500)
    body = Passage(label="Text of the addendum")

    @property
    def content(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("kind", "reason", "body")}


class RetractForm(forms.Form):
    why = forms.ChoiceField(
        label="Why the note should not be there",
        choices=NoteRetraction.Why,
        widget=forms.RadioSelect,
        error_messages={"required": "Say which of these it is."},
    )
    reason = Passage(label="What happened, for whoever reads the record later", required=True, rows=4, longest=2_000)


class CosignForm(forms.Form):
    """`read` is the ids of what was on the page."""

    read = forms.CharField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label="I have read what stands above and co-sign it",
        error_messages={"required": "Confirm that you have read the note; a signature stays."},
    )

    def clean_read(self) -> list[uuid.UUID]:
        try:
            return [uuid.UUID(each) for each in self.cleaned_data["read"].split()]
        except ValueError:
            raise forms.ValidationError("Open the note again, then co-sign it.") from None


class ReturnForm(forms.Form):
    comment = Passage(
        label="What the author should add",
        required=True,
        rows=4,
        longest=LONGEST_COMMENT,
        missing="Say what is missing.",
    )


class RuleForm(forms.Form):
    """Who co-signs the notes of one clinician; no co-signer ends the rule. The last day counts."""

    clinician = forms.UUIDField(widget=forms.HiddenInput)
    cosigner = forms.UUIDField(label="Co-signed by", required=False)
    share = forms.IntegerField(label="Of a hundred notes", min_value=1, max_value=100, initial=100)
    last_day = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}))


def as_one_text(note_type: str, content: Mapping[str, str]) -> str:
    """The sections of a note one below the other, each under its label, without the empty ones."""
    sections = sections_of(note_type)
    if len(sections) == 1:
        return content[sections[0]]
    written = [section for section in sections if content[section].strip()]
    return "\n\n".join(f"{label_of(section)}\n{content[section]}" for section in written)


def label_of(section: str) -> str:
    return "Note" if section == "body" else section.replace("_", " ").capitalize()
