import uuid

from apps.core.errors import Conflict, DomainError, Invalid, NotFound


class KeyRefused(DomainError):
    """No key, an unknown, revoked or expired one, one of a suspended tenant, or one from a forbidden address."""

    code = "key_refused"

    def __init__(self, message: str, *, tenant_id: uuid.UUID | None = None, key_id: uuid.UUID | None = None) -> None:
        """`tenant_id` and `key_id` where the key is known."""
        super().__init__(message)
        self.tenant_id, self.key_id = tenant_id, key_id


class KeyNotFound(NotFound):
    code = "key_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such key.")


class KeyMadeAlready(Conflict):
    """One form makes one key, however often it is sent."""

    code = "key_made_already"


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
