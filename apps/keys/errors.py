from apps.core.errors import Conflict, DomainError, Invalid


class KeyRefused(DomainError):
    """No key, an unknown, revoked or expired one, one of a suspended tenant, or one from a forbidden address."""

    code = "key_refused"


class LimitReached(DomainError):
    """The key's allowance for this minute is used up."""

    code = "limit_reached"


class KeyNotRotatable(Conflict):
    code = "key_not_rotatable"


class UnknownScope(Invalid):
    code = "unknown_scope"
