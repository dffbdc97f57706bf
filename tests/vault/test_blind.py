"""Search tokens: equal where people mean the same, and nothing in common otherwise."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.ids import uuid7
from apps.vault.blind import TOKEN_BYTES, normalise, query_tokens, search_tokens, search_words, token

TENANT = uuid7()


def finds(query: str, stored: set[bytes], tenant: uuid.UUID = TENANT) -> bool:
    wanted = query_tokens(tenant, query)
    return bool(wanted) and stored.issuperset(wanted)


@pytest.fixture
def person() -> set[bytes]:
    return search_tokens(
        TENANT,
        names=["Zoë Anne-Marie", "O'Connor-Müller", None],
        email="Zoe.OC@Example.org",
        external_id="EXT-00 42",
    )


@pytest.mark.parametrize(
    "query",
    [
        "zoë", "ZOE", "zo", "anne marie", "Anne-Marie", "annemarie", "  marie   zoe ", "o'connor", "oconnor", "mull",
        "zoe.oc@example.org", "EXT-00 42", "ext-0042", "ext00", "o'c zoe",
    ],
)  # fmt: skip
def test_a_person_is_found_by(person: set[bytes], query: str) -> None:
    assert finds(query, person)


@pytest.mark.parametrize(
    "query", ["", "  ", "-", "z", "zoex", "zoe smith", "zoe.oc@", "example.org", "ext-004", "1990"]
)
def test_a_person_is_not_found_by(person: set[bytes], query: str) -> None:
    assert not finds(query, person)


def test_tokens_of_two_tenants_or_purposes_have_nothing_in_common() -> None:
    assert token(TENANT, "email", "a@example.org") == token(TENANT, "email", "a@example.org")
    others = {token(uuid7(), "email", "a@example.org"), token(TENANT, "phone", "a@example.org")}
    others.add(token(TENANT, "ema", "ila@example.org"))
    assert token(TENANT, "email", "a@example.org") not in others
    assert all(len(one) == TOKEN_BYTES for one in others)


def test_prefixes_stop_at_twelve_letters_and_the_whole_word_stays() -> None:
    assert search_words(names=["Bartholomeusz-"]) == {"bartholomeusz"[:n] for n in range(2, 14)}


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=30))
def test_a_name_is_found_by_itself(name: str) -> None:
    words = search_words(names=[name])
    assert words.issuperset(search_words(external_id=word).pop() for word in normalise(name).split() if word.isalnum())
