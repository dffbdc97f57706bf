from apps.core.errors import Conflict, Invalid, NotFound
from apps.keys.errors import LimitReached


class RequestNotFound(NotFound):
    code = "onboarding_request_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such onboarding request.")


class RequestNotValid(Invalid):
    code = "onboarding_request_not_valid"


class RequestPending(Conflict):
    """The same email has a request that nobody has decided yet."""

    code = "onboarding_request_pending"

    def __init__(self) -> None:
        super().__init__("A request for this contact_email is pending already; you will hear from us.")


class RequestDecided(Conflict):
    code = "onboarding_request_decided"


class TooManyRequests(LimitReached):
    """Five requests came from this client address within the hour."""

    code = "onboarding_limit_reached"
