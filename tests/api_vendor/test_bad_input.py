"""Whatever is sent, the answer is a clear 4xx in the contract's shape."""

import pytest

from tests.people import VendorWorld

BODIES = {
    "malformed": b'{"a":',
    "not an object": b"[]",
    "a lone surrogate": b'{"member_id": "\\ud800"}',
    "not UTF-8": b'{"member_id": "\xff"}',
    "brackets alone": b"[" * 50_000,
    "deep objects": b'{"member_id":' * 900 + b"1" + b"}" * 900,
    "a NUL": b'{"summary": "a\\u0000b"}',
    "a year of one digit": b'{"started_at": "0001-01-01T00:00:00+14:00"}',
    "a number too large": b'{"mood_before": 99999999999999999999999999}',
    "text for a number": b'{"mood_before": "5"}',
    "not a number": b'{"mood_before": NaN}',
    "nothing": b"",
    "a string without an end": b"[]" * 33 + b'"' + b'\\"' * 200_000,
    "a string that ends in a backslash": b"[]" * 33 + b'"' + b'\\"' * 200_000 + b"\\",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_bad_body_is_a_422_with_detail(vendor: VendorWorld, body: bytes) -> None:
    response = vendor.api.post("/sessions/", body)
    assert response.status_code == 422
    assert response.json()["detail"]
    assert response.json()["errors"]
    assert vendor.api.get("/sessions/").json()["count"] == 0


def test_brackets_in_a_text_are_no_nesting(vendor: VendorWorld) -> None:
    response = vendor.api.post("/sessions/", b'{"summary": "' + b'[\\"{' * 500 + b'"}')
    assert response.json()["errors"].keys() == {"member_id", "session_type", "modality", "started_at"}


def test_a_body_over_a_mebibyte_is_a_413(vendor: VendorWorld) -> None:
    assert vendor.api.post("/sessions/", b'"' + b"a" * 1024 * 1024 + b'"').status_code == 413


def test_another_content_type_is_a_415(vendor: VendorWorld) -> None:
    assert vendor.api.post("/sessions/", b"x", content_type="text/plain").status_code == 415


@pytest.mark.parametrize("name", ["member_id", "status"])
def test_null_is_no_way_round_a_filter(vendor: VendorWorld, name: str) -> None:
    response = vendor.api.get("/sessions/", {name: "null"})
    assert response.status_code == 422
    assert name in response.json()["errors"]


@pytest.mark.parametrize("limit", ["1e1", "10.0", "٣", "null", "true"])
def test_a_number_is_written_as_one(vendor: VendorWorld, limit: str) -> None:
    assert vendor.api.get("/members/", {"limit": limit}).status_code == 422


def test_a_thousand_parameters_are_too_many(vendor: VendorWorld) -> None:
    assert vendor.api.get("/members/", {f"p{each}": 1 for each in range(1100)}).status_code == 422


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 10**20}, {"nope": 1}])
def test_a_bad_query_is_a_422_that_names_the_parameter(vendor: VendorWorld, query: dict[str, int]) -> None:
    response = vendor.api.get("/members/", query)
    assert response.status_code == 422
    assert response.json()["errors"].keys() == query.keys()


def test_null_is_no_value_of_a_parameter(vendor: VendorWorld) -> None:
    assert vendor.api.get("/crisis-flags/", {"status": "null"}).status_code == 422
    assert vendor.api.get("/members/", {"search": "null"}).json()["count"] == 0


@pytest.mark.parametrize("path", ["/members/a%0Ab/", "/members/a%0A", "/%0A", ""])
def test_whatever_is_no_path_is_a_404_with_detail(vendor: VendorWorld, path: str) -> None:
    response = vendor.api.get(path)
    assert response.status_code == 404
    assert response.json()["detail"]
