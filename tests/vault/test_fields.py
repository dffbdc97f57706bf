"""Encrypted fields: plain in Python, sealed in the column, and nothing else anywhere."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core.actor import system_actor
from apps.core.database import run
from apps.tenants.context import acting_as
from apps.vault.errors import Altered
from apps.vault.fields import open_value, seal_value
from tests.people import VendorWorld
from tests.vault.diary import TABLE, Diary, diary_table

KNOWN: dict[str, Any] = {
    "text": "Slept badly, ’til four. 😴",
    "title": "Tuesday",
    "email": "ada@example.org",
    "day": date(1990, 2, 3),
    "mood": {"score": 4, "words": ["flat", "tired"], "note": None},
}


@pytest.fixture(scope="module", autouse=True)
def _table(_migrated: None) -> Iterator[None]:
    with diary_table():
        yield


@pytest.fixture
def diary(vendor: VendorWorld) -> Iterator[Diary]:
    """A saved row, loaded again; the tenant's transaction stays open for the test."""
    with acting_as(system_actor(vendor.tenant.id)):
        yield Diary.objects.get(pk=Diary.objects.create(tenant_id=vendor.tenant.id, **KNOWN).pk)


def column(name: str, row_id: uuid.UUID) -> bytes | None:
    found = run([(f"SELECT {name} FROM {TABLE} WHERE id = %s", (row_id,))])[0][0][0]
    return None if found is None else bytes(found)


def test_every_kind_comes_back_as_it_was_written(diary: Diary) -> None:
    assert {name: getattr(diary, name) for name in KNOWN} == KNOWN


def test_nothing_plain_stands_in_the_row_or_in_the_loaded_instance(diary: Diary) -> None:
    whole = run([(f"SELECT {TABLE}::text FROM {TABLE} WHERE id = %s", (diary.pk,))])[0][0][0]
    for plain in ("Slept", "Tuesday", "ada@example.org", "1990-02-03", "tired"):
        assert plain.encode().hex() not in whole
        assert plain not in whole
        assert plain not in repr(diary.__dict__)


def test_null_stays_null_and_empty_stays_empty(diary: Diary) -> None:
    diary.text, diary.mood, diary.title = None, [], ""
    diary.save()
    again = Diary.objects.get(pk=diary.pk)
    assert (again.text, again.mood, again.title, column("text", diary.pk)) == (None, [], "", None)
    assert Diary.objects.filter(text=None, pk=diary.pk).exists()
    assert Diary.objects.filter(text__isnull=True, pk=diary.pk).exists()


def test_saving_what_was_not_changed_keeps_its_sealed_bytes(diary: Diary) -> None:
    before = {name: column(name, diary.pk) for name in KNOWN}
    diary.save()
    assert (diary.text, diary.mood) == (KNOWN["text"], KNOWN["mood"])
    diary.mood = {**KNOWN["mood"]}
    diary.save()
    assert {name: column(name, diary.pk) for name in KNOWN} == before


def test_a_value_changed_in_place_is_saved(diary: Diary) -> None:
    assert diary.mood is not None
    diary.mood["words"].append("calmer")
    diary.save(update_fields=["mood"])
    assert Diary.objects.get(pk=diary.pk).mood == {**KNOWN["mood"], "words": ["flat", "tired", "calmer"]}


def test_many_rows_are_sealed_each_for_itself(vendor: VendorWorld) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        made = Diary.objects.bulk_create([Diary(tenant_id=vendor.tenant.id, text=f"page {n}") for n in range(5)])
        assert [Diary.objects.get(pk=one.pk).text for one in made] == [f"page {n}" for n in range(5)]


@pytest.mark.parametrize("name", ["text", "title", "email", "day", "mood"])
def test_a_value_moved_to_another_row_raises(diary: Diary, name: str) -> None:
    other = Diary.objects.create(tenant_id=diary.tenant_id, **KNOWN)
    run([(f"UPDATE {TABLE} SET {name} = %s WHERE id = %s", (column(name, other.pk), diary.pk))])
    spoilt = Diary.objects.get(pk=diary.pk)
    with pytest.raises(Altered, match=rf"{TABLE}\.{name} of row {diary.pk}"):
        getattr(spoilt, name)


def test_plain_bytes_in_the_column_raise_and_never_read_as_text(diary: Diary) -> None:
    run([(f"UPDATE {TABLE} SET text = %s WHERE id = %s", (b"I am plain text in an encrypted column", diary.pk))])
    spoilt = Diary.objects.get(pk=diary.pk)
    with pytest.raises(Altered):
        _ = spoilt.text


def test_a_copied_row_is_refused_until_its_values_were_read(diary: Diary) -> None:
    copied = Diary.objects.get(pk=diary.pk)
    copied.pk, copied._state.adding = uuid.uuid4(), True
    with pytest.raises(Altered):
        copied.save(force_insert=True)


def test_a_read_row_can_be_saved_as_another(diary: Diary) -> None:
    assert all(getattr(diary, name) is not None for name in KNOWN)
    diary.pk, diary._state.adding = uuid.uuid4(), True
    diary.save(force_insert=True)
    assert Diary.objects.get(pk=diary.pk).text == KNOWN["text"]


def test_deferred_fields_open_with_one_statement_each(diary: Diary) -> None:
    lean = Diary.objects.defer("text", "mood").get(pk=diary.pk)
    bare = Diary.objects.only("pages").get(pk=diary.pk)
    with CaptureQueriesContext(connection) as captured:
        assert lean.text == KNOWN["text"]
    assert len(captured) == 1
    assert bare.text == KNOWN["text"]


def test_reading_again_from_the_database_opens_again(diary: Diary) -> None:
    other = Diary.objects.get(pk=diary.pk)
    other.text = "Better."
    other.save()
    diary.refresh_from_db()
    assert diary.text == "Better."
    diary.refresh_from_db(fields=["text"])
    assert diary.text == "Better."


def test_comparing_an_encrypted_column_is_refused(diary: Diary) -> None:
    for condition in ({"text": "Slept"}, {"text__contains": "Slept"}, {"day": date(1990, 2, 3)}, {"mood__score": 4}):
        with pytest.raises(FieldError):
            Diary.objects.filter(**condition).exists()


def test_update_takes_sealed_bytes_only(diary: Diary) -> None:
    rows = Diary.objects.filter(pk=diary.pk)
    with pytest.raises(FieldError, match="text is encrypted, and a statement for many rows"), transaction.atomic():
        rows.update(text="plain")
    field = Diary._meta.get_field("text")
    rows.update(text=seal_value(field, diary.tenant_id, diary.pk, "sealed by hand"))
    assert Diary.objects.get(pk=diary.pk).text == "sealed by hand"


def test_values_are_opened_by_open_value(diary: Diary) -> None:
    for name, plain in KNOWN.items():
        sealed = Diary.objects.values_list(name, flat=True).get(pk=diary.pk)
        assert open_value(Diary._meta.get_field(name), diary.tenant_id, diary.pk, sealed) == plain
    assert open_value(Diary._meta.get_field("text"), diary.tenant_id, diary.pk, None) is None
    assert seal_value(Diary._meta.get_field("text"), diary.tenant_id, diary.pk, None) is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("title", "thirteen long"),
        ("text", 5),
        ("text", "half \ud83d of a pair"),
        ("day", "yesterday"),
        ("mood", {"a": object()}),
    ],
)
def test_a_wrong_value_is_refused_on_saving(diary: Diary, name: str, wrong: object) -> None:
    setattr(diary, name, wrong)
    with pytest.raises(ValidationError):
        diary.save()


def test_validation_knows_length_and_form(diary: Diary) -> None:
    diary.title, diary.email = "thirteen long", "no address"
    with pytest.raises(ValidationError) as caught:
        diary.clean_fields()
    assert set(caught.value.message_dict) == {"title", "email"}


def test_text_that_looks_sealed_is_text(diary: Diary) -> None:
    # The package that these fields extend would decrypt it on the way in.
    diary.text = "gAAAAABnZm9v" + "A" * 60
    diary.full_clean(exclude=["id"])
    diary.save()
    assert Diary.objects.get(pk=diary.pk).text == "gAAAAABnZm9v" + "A" * 60
