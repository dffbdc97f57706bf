"""Request bodies: those whose length the client does not announce, and those that nobody has read.

A length is missing with chunked transfer and with some HTTP/2 clients. A body left unread would make the server
close the connection while the front door still writes to it, and the answer could be lost.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PIECE = 64 * 1024


def announce_length(application: WSGIApplication, *, limit: int) -> WSGIApplication:
    """Wrap `application` so that it sees a body with its length, where WSGI would let it take it for empty.

    At most `limit` bytes and one are read, so that the application's own limit refuses what is longer; the rest is
    read and forgotten. The front door has all of it already, so nobody slow is waited for.
    """

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        received = environ["wsgi.input"]
        if "HTTP_TRANSFER_ENCODING" in environ:
            body = _read(environ, limit + 1)
            environ["wsgi.input"] = io.BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
            del environ["HTTP_TRANSFER_ENCODING"]
        answer = application(environ, start_response)
        while received.read(_PIECE):
            pass
        return answer

    return wrapped


def _read(environ: WSGIEnvironment, most: int) -> bytes:
    pieces: list[bytes] = []
    missing = most
    while missing > 0:
        piece = environ["wsgi.input"].read(min(_PIECE, missing))
        if not piece:
            break
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
