from apps.core.errors import Conflict


class StaleCareContext(Conflict):
    """The change was made from a version that is not the current one."""

    code = "stale_care_context"

    def __init__(self, *, current: int, sent: int) -> None:
        super().__init__(
            f"The care context is at version {current}, and the change was made from version {sent}. "
            "Read it again, then send the change with the version that was read."
        )
