import uuid

from apps.core.errors import Conflict, Forbidden, NotFound


class NoteNotFound(NotFound):
    code = "note_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such note of this vendor.")


class DraftNotFound(NotFound):
    code = "draft_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such draft of yours. It may have been saved or removed meanwhile.")


class NoSuchType(NotFound):
    code = "no_such_note_type"

    def __init__(self) -> None:
        super().__init__("There is no such type of note.")


class NoteIsDraft(Conflict):
    """A draft is revised; only to a signed note is anything added."""

    code = "note_is_draft"


class NoteIsSigned(Conflict):
    """A signed note never changes."""

    code = "note_is_signed"


class NoteIsRetracted(Conflict):
    """A retracted note is neither retracted again nor co-signed."""

    code = "note_is_retracted"


class NotYourDraft(Forbidden):
    """What someone has not signed yet is theirs."""

    code = "not_your_draft"


class NotYoursToRetract(Forbidden):
    """Only its signer or a supervisor takes a note back."""

    code = "not_yours_to_retract"


class NotYoursToCosign(Forbidden):
    """The co-signature of someone else was asked for, or none."""

    code = "not_yours_to_cosign"


class NotAsRead(Conflict):
    """What is co-signed is not what was read."""

    code = "not_as_read"


class TooLongForPdf(Conflict):
    code = "too_long_for_pdf"

    def __init__(self) -> None:
        super().__init__("This note is too long to be made into a PDF here. Open its print view and print that.")


class SignedNoteAltered(Conflict):
    """A signed note is not what was signed, so that nothing of it is shown: whoever reads it must not trust it."""

    code = "signed_note_altered"

    def __init__(self, note_id: uuid.UUID) -> None:
        super().__init__(
            f"The signed note {note_id} is not as it was signed and is not shown. The operator finds such notes with "
            "verify_notes and restores them from a backup."
        )


class AlreadySigned(Conflict):
    """The session has a signed note of this type."""

    code = "session_has_signed_note"

    def __init__(self, note_type: str) -> None:
        super().__init__(
            f"This session has a signed {note_type} note already; name that one in addendum_to to correct or add to it."
        )


class StaleNote(Conflict):
    """Someone else revised the draft meanwhile."""

    code = "stale_note"

    def __init__(self, *, current: int, sent: int) -> None:
        super().__init__(f"The note is at version {current}, not at version {sent}. Read it again, then change it.")
