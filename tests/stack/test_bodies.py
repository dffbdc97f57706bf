"""A body of unannounced length reaches the application with its length, up to the application's own limit."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from apps.stack.bodies import announce_length

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def _seen(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    return [environ.get("CONTENT_LENGTH", "none").encode(), b" ", environ["wsgi.input"].read()]


def _answer(environ: "WSGIEnvironment") -> bytes:
    return b"".join(announce_length(_seen, limit=8)(environ, lambda *_: lambda _: None))


@pytest.mark.parametrize(("sent", "seen"), [(b"", b"0 "), (b"abc", b"3 abc"), (b"0123456789", b"9 012345678")])
def test_a_chunked_body_is_announced_and_read_to_just_beyond_the_limit(sent: bytes, seen: bytes) -> None:
    assert _answer({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(sent)}) == seen


def test_an_announced_body_is_left_as_it_is() -> None:
    assert _answer({"CONTENT_LENGTH": "10", "wsgi.input": io.BytesIO(b"0123456789")}) == b"10 0123456789"


def test_what_the_application_leaves_unread_is_read_to_its_end() -> None:
    received = io.BytesIO(bytes(200_000))
    answered = announce_length(lambda *_: [b"no"], limit=8)({"wsgi.input": received}, lambda *_: lambda _: None)
    assert (list(answered), received.read()) == ([b"no"], b"")
