"""The configured keys: one clear sentence when they are wrong, and a list that rotates."""

import base64
import os
import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from apps.vault import wrapping
from apps.vault.wrapping import WrappedByUnknownKey, unwrap, wrap, wrapping_keys

TENANT = uuid.UUID(int=7)


def made_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


@pytest.mark.parametrize("missing", [None, "", []])
def test_a_missing_key_is_named_with_the_way_to_make_one(settings: Settings, missing: object) -> None:
    settings.FIELD_ENCRYPTION_KEY = missing
    with pytest.raises(ImproperlyConfigured, match=r"^FIELD_ENCRYPTION_KEY is not set; make one with") as caught:
        wrapping_keys()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("not base64!", "Key 2 of FIELD_ENCRYPTION_KEY is not URL-safe base64"),
        ("ключ", "Key 2 of FIELD_ENCRYPTION_KEY is not URL-safe base64"),
        ("abc", "Key 2 of FIELD_ENCRYPTION_KEY is not URL-safe base64"),
        (base64.urlsafe_b64encode(b"short").decode(), "Key 2 of FIELD_ENCRYPTION_KEY has 5 bytes instead of 32"),
    ],
)
def test_a_wrong_key_is_named_by_its_place_and_never_shown(settings: Settings, wrong: str, sentence: str) -> None:
    settings.FIELD_ENCRYPTION_KEY = [made_key(), wrong]
    with pytest.raises(ImproperlyConfigured, match=f"^{sentence}; make one with") as caught:
        wrapping_keys()
    assert wrong not in str(caught.value)


def test_the_first_key_wraps_and_all_unwrap(settings: Settings) -> None:
    old, new = made_key(), made_key()
    settings.FIELD_ENCRYPTION_KEY = [old]
    wrapped, wrapped_by = wrap(TENANT, "data", b"k" * 32)
    settings.FIELD_ENCRYPTION_KEY = [new, old]
    assert unwrap(TENANT, "data", wrapped, wrapped_by) == b"k" * 32
    assert wrap(TENANT, "data", b"k" * 32)[1] != wrapped_by


def test_a_single_key_may_be_given_without_a_list(settings: Settings) -> None:
    only = made_key()
    settings.FIELD_ENCRYPTION_KEY = only
    assert [key.id for key in wrapping_keys()] == [wrapping_keys()[0].id]
    settings.FIELD_ENCRYPTION_KEY = [only]
    assert len(wrapping_keys()) == 1


def test_a_key_that_is_gone_is_asked_for(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEY = [made_key()]
    wrapped, wrapped_by = wrap(TENANT, "data", b"k" * 32)
    settings.FIELD_ENCRYPTION_KEY = [made_key()]
    with pytest.raises(WrappedByUnknownKey, match=f"wrapped by key {wrapped_by}, which FIELD_ENCRYPTION_KEY no longer"):
        unwrap(TENANT, "data", wrapped, wrapped_by)


def test_a_wrapped_key_does_not_open_for_another_tenant_or_purpose() -> None:
    wrapped, wrapped_by = wrap(TENANT, "data", b"k" * 32)
    for tenant, purpose in ((uuid.UUID(int=8), "data"), (TENANT, "index")):
        with pytest.raises(WrappedByUnknownKey):
            unwrap(tenant, purpose, wrapped, wrapped_by)


@pytest.mark.parametrize("place", [0, wrapping.NONCE_BYTES, -1])
def test_an_altered_wrapped_key_does_not_open(place: int) -> None:
    wrapped, wrapped_by = wrap(TENANT, "data", b"k" * 32)
    altered = bytearray(wrapped)
    altered[place] ^= 1
    with pytest.raises(WrappedByUnknownKey):
        unwrap(TENANT, "data", bytes(altered), wrapped_by)
