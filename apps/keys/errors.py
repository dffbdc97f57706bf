from apps.core.errors import Conflict, DomainError, Invalid


class KeyRefused(DomainError):
    """No key, an unknown, revoked or expired one, one of a suspended tenant, or one from a forbidden address."""

    code = "key_refused"


class LimitReached(DomainError):
    """An allowance is used up: a key's for this minute, an address's for this hour."""

    code = "limit_reached"

    def __init__(self, message: str, *, retry_after: int) -> None:
        """`retry_after`: whole seconds until a call is allowed again, at least 1."""
        super().__init__(message)
        self.retry_after = max(1, retry_after)


class KeyNotRotatable(Conflict):
    code = "key_not_rotatable"


class UnknownScope(Invalid):
    code = "unknown_scope"
