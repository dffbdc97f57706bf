"""Identifiers: UUIDv7, so that rows made together stand together in an index."""

import uuid

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> uuid.UUID:
    """A new time-ordered id (RFC 9562, version 7), strictly increasing within one process."""
    return _uuid7()
