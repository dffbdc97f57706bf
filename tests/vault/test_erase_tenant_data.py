"""manage.py erase_tenant_data: afterwards nothing protected of the tenant can be opened."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.notes.models import Note
from apps.tenants.context import acting_as
from apps.vault import actions
from apps.vault.errors import KeyErased
from apps.vault.models import DataKey
from tests.notes.test_write import a_note, a_session
from tests.people import VendorWorld


def erase(slug: str, confirm: str) -> str:
    out = StringIO()
    call_command("erase_tenant_data", tenant=slug, confirm=confirm, stdout=out)
    return out.getvalue()


def note_of(vendor: VendorWorld) -> str:
    return str(vendor.api.post("/notes/", a_note(a_session(vendor))).json()["id"])


def content_of(vendor: VendorWorld, note_id: str) -> object:
    with acting_as(system_actor(vendor.tenant.id)):
        return Note.objects.get(pk=note_id).content


def test_nothing_of_the_tenant_opens_and_the_others_are_spared(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    gone, kept = note_of(vendor), note_of(other_vendor)
    slug = vendor.tenant.slug
    assert erase(slug, slug) == f"2 keys of {slug} are destroyed; what they sealed cannot be opened any more.\n"
    with pytest.raises(KeyErased, match=f"The data of tenant {vendor.tenant.id} was erased"):
        content_of(vendor, gone)
    assert content_of(other_vendor, kept)
    with acting_as(system_actor(vendor.tenant.id)):
        keys = DataKey.objects.filter(tenant_id=vendor.tenant.id)
        assert {bytes(key.wrapped) for key in keys} == {b""}
        assert Record.objects.get(action="vault.erased").details == {"keys": 2}


def test_a_wrong_confirmation_erases_nothing(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    note_id = note_of(vendor)
    with pytest.raises(CommandError, match="The confirmation does not name this tenant; nothing was erased"):
        erase(vendor.tenant.slug, other_vendor.tenant.slug)
    assert content_of(vendor, note_id)


def test_an_erased_tenant_is_neither_erased_twice_nor_rotated(vendor: VendorWorld) -> None:
    erase(vendor.tenant.slug, vendor.tenant.slug)
    with pytest.raises(CommandError, match="it was erased before"):
        erase(vendor.tenant.slug, vendor.tenant.slug)
    assert actions.tenants_with_keys(vendor.tenant.slug) == []


def test_an_unknown_tenant_is_named() -> None:
    with pytest.raises(CommandError, match="There is no tenant nobody-here"):
        erase("nobody-here", "nobody-here")
