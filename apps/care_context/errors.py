from apps.core.errors import Conflict, NotFound


class StaleCareContext(Conflict):
    """The change was made from a version that is not the current one."""

    code = "stale_care_context"

    def __init__(self, *, current: int, sent: int) -> None:
        super().__init__(
            f"The care context is at version {current}, and the change was made from version {sent}. "
            "Read it again, then send the change with the version that was read."
        )


class PlanChanged(Conflict):
    """What was reviewed is not the safety plan as it stands."""

    code = "safety_plan_changed"

    def __init__(self) -> None:
        super().__init__(
            "The safety plan was changed since you opened it, so it is not marked as reviewed. "
            "Read it as it stands now, then mark it."
        )


class NoPlan(Conflict):
    """There is nothing to review."""

    code = "no_safety_plan"

    def __init__(self) -> None:
        super().__init__("There is no safety plan to review yet. Write one with the member first.")


class StaleContacts(Conflict):
    """Someone else changed the crisis contacts meanwhile."""

    code = "stale_crisis_contacts"

    def __init__(self) -> None:
        super().__init__("Someone else changed the crisis contacts while you had them open. Read them again.")


class VersionNotFound(NotFound):
    code = "care_context_version_not_found"

    def __init__(self) -> None:
        super().__init__("The care context of this member never had that version.")


class NoSuchPart(NotFound):
    code = "no_such_care_context_part"

    def __init__(self) -> None:
        super().__init__("The care context has no such part.")
