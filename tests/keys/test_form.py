"""How a key is written."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from apps.keys import form


@pytest.mark.parametrize(("contract", "prefix"), [("vendor", "bfl"), ("developer", "bs"), ("partner", "taih")])
@pytest.mark.parametrize(("sandbox", "kind"), [(False, "live"), (True, "test")])
def test_a_key_says_its_contract_and_world(contract: str, prefix: str, sandbox: bool, kind: str) -> None:
    key = form.generate(contract, sandbox=sandbox)
    assert key.startswith(f"{prefix}_{kind}_")
    assert len(key) == len(f"{prefix}_{kind}_") + 38
    assert form.is_well_formed(key, contract)


def test_a_key_of_one_contract_is_none_of_another() -> None:
    assert not form.is_well_formed(form.generate("vendor", sandbox=False), "partner")


@given(place=st.integers(0, 46), letter=st.sampled_from(string.ascii_letters + string.digits + "_-é "))
def test_a_mistyped_letter_is_noticed_without_a_look_up(place: int, letter: str) -> None:
    key = form.generate("vendor", sandbox=False)
    mistyped = key[:place] + letter + key[place + 1 :]
    assert form.is_well_formed(mistyped, "vendor") == (mistyped == key)


def test_the_checksum_is_the_published_crc_32() -> None:
    # CRC-32 (ISO 3309) of "123456789" is 0xCBF43926, its catalogue's check value; in base 62 with six digits:
    assert form.checksum("123456789") == "3jZRME"


def test_a_digest_does_not_show_the_key_and_needs_the_pepper(settings: Settings) -> None:
    key = form.generate("vendor", sandbox=False)
    found = form.digest(key)
    assert len(found) == 32
    settings.KEY_PEPPER = "another pepper"
    assert form.digest(key) != found
