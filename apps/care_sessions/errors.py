from apps.core.errors import Conflict, NotFound


class SessionNotFound(NotFound):
    code = "session_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such session of this vendor.")


class SessionExists(Conflict):
    """The vendor has logged a session under this external_id before."""

    code = "session_exists"

    def __init__(self) -> None:
        super().__init__("A session with this external_id exists already; give a new one its own external_id.")


class WrongSessionState(Conflict):
    """The message names the state that the session is in and what was asked for."""

    code = "session_state"
