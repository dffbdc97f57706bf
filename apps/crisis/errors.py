from apps.core.errors import Conflict, NotFound


class FlagNotFound(NotFound):
    code = "crisis_flag_not_found"

    def __init__(self) -> None:
        super().__init__("Crisis flag not found")


class StaleCrisisSettings(Conflict):
    code = "crisis_settings_stale"

    def __init__(self) -> None:
        super().__init__("Another administrator changed these settings while you had them open.")


class WrongFlagState(Conflict):
    """The message names the state the flag is in and the one that was asked for."""

    code = "crisis_flag_state"
