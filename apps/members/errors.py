from apps.core.errors import Conflict, NotFound


class MemberNotFound(NotFound):
    """Not there or not assigned to this vendor: the contract's one answer for both."""

    code = "member_not_found"

    def __init__(self) -> None:
        super().__init__("Member not found or not assigned to this vendor")


class ExternalIdTaken(Conflict):
    code = "external_id_taken"


class AlreadyAssigned(Conflict):
    code = "already_assigned"
