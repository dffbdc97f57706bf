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


class StaffNotFound(NotFound):
    """Nobody of that id works at the tenant of the work."""

    code = "staff_not_found"

    def __init__(self) -> None:
        super().__init__("Nobody of that id works here.")


class StaffChangeRefused(Conflict):
    """Someone's roles, supervisor or place cannot change in this way as things stand."""

    code = "staff_change_refused"


class LeaveNotFound(NotFound):
    code = "leave_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such leave here, or it is over.")


class LeaveRefused(Conflict):
    code = "leave_refused"


class LeaveNotValid(Invalid):
    code = "leave_not_valid"
