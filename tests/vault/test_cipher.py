"""Sealed values: altered or moved ones raise, and never read as text."""

import uuid
from collections.abc import Callable

import pytest

from apps.core.actor import system_actor
from apps.core.ids import uuid7
from apps.tenants.context import acting_as
from apps.vault import keyring
from apps.vault.cipher import is_sealed, seal, unseal
from apps.vault.errors import Altered, KeyErased
from tests.people import VendorWorld

TABLE, COLUMN, CONTENT = "notes_note", "content", "Ünsaid, but written down".encode()


def test_what_was_sealed_opens_in_its_place(vendor: VendorWorld) -> None:
    row = uuid7()
    for plain in (CONTENT, b"", b"\x00" * 100_000):
        sealed = seal(vendor.tenant.id, TABLE, COLUMN, row, plain)
        assert is_sealed(sealed)
        assert unseal(vendor.tenant.id, TABLE, COLUMN, row, sealed) == plain


def test_the_same_text_never_seals_to_the_same_bytes(vendor: VendorWorld) -> None:
    row = uuid7()
    assert len({seal(vendor.tenant.id, TABLE, COLUMN, row, CONTENT) for _ in range(20)}) == 20


def test_every_altered_byte_is_noticed(vendor: VendorWorld) -> None:
    row = uuid7()
    sealed = seal(vendor.tenant.id, TABLE, COLUMN, row, CONTENT)
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 0x40
        with pytest.raises(Altered) as caught:
            unseal(vendor.tenant.id, TABLE, COLUMN, row, bytes(altered))
        assert "written" not in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + b"\x00",
        lambda sealed: sealed[:5],
        lambda sealed: sealed[:16],
        lambda sealed: sealed[:20],
        lambda _: b"",
        lambda _: b"plain text that stood here before",
    ],
    ids=["shorter", "longer", "head", "half a nonce", "no tag", "empty", "plain"],
)
def test_a_spoilt_value_raises_and_never_reads_as_text(vendor: VendorWorld, spoil: Callable[[bytes], bytes]) -> None:
    row = uuid7()
    sealed = seal(vendor.tenant.id, TABLE, COLUMN, row, CONTENT)
    with pytest.raises(Altered):
        unseal(vendor.tenant.id, TABLE, COLUMN, row, spoil(sealed))


def test_a_value_does_not_open_in_another_row_column_table_or_tenant(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    tenant, row = vendor.tenant.id, uuid7()
    sealed = seal(tenant, TABLE, COLUMN, row, CONTENT)
    elsewhere: list[tuple[uuid.UUID, str, str, uuid.UUID]] = [
        (tenant, TABLE, COLUMN, uuid7()),
        (tenant, TABLE, "summary", row),
        (tenant, "notes_addendum", COLUMN, row),
        (tenant, "notes_not", "econtent", row),
        (vendor.sandbox.id, TABLE, COLUMN, row),
        (other_vendor.tenant.id, TABLE, COLUMN, row),
    ]
    for place in elsewhere:
        with pytest.raises(Altered):
            unseal(*place, sealed)


def test_a_value_under_one_tenants_key_id_does_not_open_for_another(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    row = uuid7()
    sealed = seal(vendor.tenant.id, TABLE, COLUMN, row, CONTENT)
    head = keyring.head_of(keyring.current_key(other_vendor.tenant.id)[0])
    with pytest.raises(Altered):
        unseal(other_vendor.tenant.id, TABLE, COLUMN, row, head + sealed[5:])


class Undone(Exception):
    """What a verb raises to undo its transaction."""


def use_first_key_and_undo(tenant: uuid.UUID, used: list[int]) -> None:
    row = uuid7()
    with acting_as(system_actor(tenant)):
        used.append(keyring.current_key(tenant)[0])
        assert unseal(tenant, TABLE, COLUMN, row, seal(tenant, TABLE, COLUMN, row, CONTENT)) == CONTENT
        raise Undone


def test_keys_made_in_a_transaction_that_rolled_back_are_not_used() -> None:
    tenant, used = uuid7(), list[int]()
    with pytest.raises(Undone):
        use_first_key_and_undo(tenant, used)
    assert keyring.current_key(tenant)[0] not in used


def test_erasing_a_tenant_ends_its_values_and_spares_the_others(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    row = uuid7()
    sealed = seal(vendor.tenant.id, TABLE, COLUMN, row, CONTENT)
    kept = seal(other_vendor.tenant.id, TABLE, COLUMN, row, CONTENT)
    assert keyring.erase(vendor.tenant.id) == 2
    with pytest.raises(KeyErased):
        unseal(vendor.tenant.id, TABLE, COLUMN, row, sealed)
    with pytest.raises(KeyErased):
        seal(vendor.tenant.id, TABLE, COLUMN, row, CONTENT)
    assert unseal(other_vendor.tenant.id, TABLE, COLUMN, row, kept) == CONTENT
