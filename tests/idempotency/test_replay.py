"""A POST under an Idempotency-Key happens once."""

import threading
from typing import Any

from django.db import connection

from tests.people import Api, VendorWorld


def session(vendor: VendorWorld) -> dict[str, Any]:
    return {
        "member_id": str(vendor.member().person_id),
        "session_type": "individual",
        "modality": "video",
        "started_at": "2026-03-02T09:00:00Z",
    }


def test_the_same_request_again_gets_the_first_answer(vendor: VendorWorld) -> None:
    body = session(vendor)
    first = vendor.api.post("/sessions/", body, idempotency_key="once")
    again = vendor.api.post("/sessions/", body, idempotency_key="once")
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert vendor.api.get("/sessions/").json()["count"] == 1


def test_another_body_under_the_key_is_refused(vendor: VendorWorld) -> None:
    body = session(vendor)
    vendor.api.post("/sessions/", body, idempotency_key="once")
    assert vendor.api.post("/sessions/", {**body, "modality": "phone"}, idempotency_key="once").status_code == 409


def test_a_faulty_body_under_a_used_key_is_another_body(vendor: VendorWorld) -> None:
    vendor.api.post("/sessions/", session(vendor), idempotency_key="once")
    assert vendor.api.post("/sessions/", b"{", idempotency_key="once").status_code == 409


def test_a_refused_request_leaves_its_key_free(vendor: VendorWorld) -> None:
    body = session(vendor)
    assert vendor.api.post("/sessions/", {**body, "modality": "pigeon"}, idempotency_key="once").status_code == 422
    assert vendor.api.post("/sessions/", body, idempotency_key="once").status_code == 201


def test_eight_at_once_happen_once(vendor: VendorWorld) -> None:
    body, key = session(vendor), vendor.key()[1]
    answers: list[tuple[int, bytes]] = []

    def post() -> None:
        try:
            response = Api(key).post("/sessions/", body, idempotency_key="once")
            answers.append((response.status_code, response.content))
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in answers} == {201}
    assert len({content for _, content in answers}) == 1
    assert vendor.api.get("/sessions/").json()["count"] == 1
