from apps.core.errors import Conflict, Forbidden, Invalid, NotFound


class HandoffNotFound(NotFound):
    """Not there, or between other vendors."""

    code = "handoff_not_found"

    def __init__(self) -> None:
        super().__init__("Handoff not found")


class ContextNotAvailable(NotFound):
    """The receiver may not read the packet: the handoff ended without acceptance, or its consent ran out."""

    code = "handoff_context_not_available"

    def __init__(self) -> None:
        super().__init__("The context of this handoff is not available")


class HandoffNotValid(Invalid):
    code = "handoff_not_valid"


class OpenHandoffExists(Conflict):
    code = "open_handoff_exists"

    def __init__(self) -> None:
        super().__init__("This member has an open handoff from this vendor already; cancel it or let it end first.")


class NotByBrokenGlass(Forbidden):
    """Someone who broke the glass reads a chart for a while; passing it on is for those who treat the member."""

    code = "handoff_not_by_broken_glass"

    def __init__(self) -> None:
        super().__init__(
            "You opened this chart by breaking the glass. Only someone who treats, covers or supervises can hand off."
        )


class WrongState(Conflict):
    """The handoff's state does not allow the action; the message names both states."""

    code = "handoff_wrong_state"


class ConsentOver(Conflict):
    code = "handoff_consent_over"


class RiskNotCovered(Conflict):
    """Completing would leave an open crisis flag that the consent does not let pass."""

    code = "handoff_risk_not_covered"


class ReceiverLetGo(Conflict):
    """The receiver's assignment ended, otherwise than by a handoff, after it had accepted."""

    code = "handoff_receiver_let_go"

    def __init__(self) -> None:
        super().__init__("This vendor is not assigned the member any more, so the handoff cannot be completed.")


class NotYourSide(Forbidden):
    """The other vendor of this handoff does this."""

    code = "handoff_not_your_side"
