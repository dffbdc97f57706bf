"""Whose address a request comes from."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from apps.doors.addresses import client_address


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "2001:DB8::1", "2001:db8::1"),
        ("10.0.0.1", "somewhere", None),
        ("10.0.0.1", "", "10.0.0.1"),
        ("", "203.0.113.9", "203.0.113.9"),
        ("", "", None),
    ],
)
def test_only_a_trusted_proxy_is_believed(settings: Settings, peer: str, forwarded: str, client: str | None) -> None:
    settings.TRUSTED_PROXIES = ["unix", "10.0.0.0/8"]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
    assert client_address(request) == client


def test_the_socket_is_trusted_only_where_the_settings_say_so(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="", headers={"X-Forwarded-For": "6.6.6.6"})) is None
