from apps.core.errors import Conflict, Forbidden, Invalid, NotFound


class SlugTaken(Conflict):
    code = "slug_taken"


class InvitationNotFound(NotFound):
    code = "invitation_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such invitation here.")


class InvitationNotValid(Invalid):
    code = "invitation_not_valid"


class WorksHereAlready(Conflict):
    code = "works_here_already"


class InvitationPending(Conflict):
    code = "invitation_pending"


class InvitationOver(Conflict):
    """Used, withdrawn, expired or never made: one answer, for whoever shows a link may be anybody."""

    code = "invitation_over"

    def __init__(self) -> None:
        super().__init__(
            "This invitation opens nothing: it was used or withdrawn, or it is older than a week. "
            "Ask whoever invited you to send it again."
        )


class InvitedAsAnother(Forbidden):
    code = "invited_as_another"
