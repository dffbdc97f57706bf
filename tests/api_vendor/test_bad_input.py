"""Whatever is sent, the answer is a clear 4xx in the contract's shape."""

import gzip

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


def test_a_body_that_is_packed_is_a_415(vendor: VendorWorld) -> None:
    assert vendor.api.post("/sessions/", gzip.compress(b"{}"), content_encoding="gzip").status_code == 415


def test_every_fault_is_named_at_its_path_in_words(vendor: VendorWorld) -> None:
    body = {
        "version": -1,
        "modality": "singing",
        "focus_areas": ["sleep", " ", 3],
        "treatment_goals": ["rest", {"status": "lost", "target_date": "soon"}, {"text": "walk", "by": "foot"}],
        "safety_plan": {"helpers": ["a\x00b"], "friends": []},
    }
    response = vendor.api.put(f"/members/{vendor.member().person_id}/care-context/", body)
    assert response.status_code == 422
    assert response.json()["errors"] == {
        "version": ["Must be at least 0."],
        "modality": ["Must be one of cbt, dbt, act, emdr, ipt, psychodynamic, supportive, other."],
        "focus_areas.1": ["Must not be blank."],
        "focus_areas.2": ["Must be text."],
        "treatment_goals.0": ["Must be an object."],
        "treatment_goals.1.status": ["Must be one of active, met, dropped."],
        "treatment_goals.1.target_date": ["Must be a date, such as 2026-01-31."],
        "treatment_goals.1.text": ["This field is required."],
        "treatment_goals.2.by": ["This field is not known here."],
        "safety_plan.helpers.0": ["A NUL character is not allowed."],
        "safety_plan.friends": ["This field is not known here."],
    }


def test_no_answer_tells_more_faults_than_a_person_reads(vendor: VendorWorld) -> None:
    response = vendor.api.post("/sessions/", {f"unknown_{each}": each for each in range(20_000)})
    assert response.status_code == 422
    assert len(response.json()["errors"]) == 100


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
