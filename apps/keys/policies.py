"""Why something may not be done with a key; None where it may. Pure."""

from datetime import datetime

from apps.keys.models import APIKey

State = APIKey.State
ENDED = {
    State.REVOKED: "This key is revoked.",
    State.EXPIRED: "This key has expired.",
}


def why_not_rotate(key: APIKey, moment: datetime) -> str | None:
    state = key.state_at(moment)
    if state is State.ROTATED:
        return "This key is rotated already; rotate the one that took its place."
    return f"{ENDED[state]} Make a new one instead." if state in ENDED else None


def why_not_revoke(key: APIKey, moment: datetime) -> str | None:
    """Revoking again changes nothing, so the verb lets it pass; there is no button for it."""
    return ENDED.get(key.state_at(moment))


def why_not_until(expires_at: datetime | None, moment: datetime) -> str | None:
    return "The expiry lies in the past." if expires_at and expires_at <= moment else None
