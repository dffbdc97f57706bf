"""Bodies around and above the limit, through the front door to the real web processes."""

from collections.abc import Iterator

import httpx
import pytest

from tests.people import make_vendor
from tests.stack.serving import served


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    headers = {"X-API-Key": make_vendor().key()[1], "Content-Type": "application/json"}
    with (
        served(tmp_path_factory.mktemp("bodies"), ready="/healthz", web=None) as url,
        httpx.Client(base_url=f"{url}/api/v2", headers=headers, timeout=60) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("size", "status"), [(900_000, 422), (1_048_576, 422), (1_048_577, 413), (1_900_000, 413), (10_000_000, 413)]
)
def test_every_body_has_its_answer_however_often_it_is_sent(client: httpx.Client, size: int, status: int) -> None:
    body = b'{"summary": "' + b"a" * (size - 15) + b'"}'
    for _ in range(12):
        answer = client.post("/sessions/", content=body)
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)
        assert all(answer.headers.get(name) for name in ("X-RateLimit-Remaining", "X-Request-Id"))


def test_a_body_that_nobody_reads_does_not_take_the_answer_along(client: httpx.Client) -> None:
    for _ in range(12):
        answer = client.post("/sessions/", content=b"a" * 1_000_000, headers={"X-API-Key": "unknown"})
        assert answer.status_code == 401


def test_a_flood_that_does_not_tell_its_length_is_refused_too(client: httpx.Client) -> None:
    answer = client.post("/sessions/", content=(bytes(1000) for _ in range(10_000)), headers={"X-Request-Id": "kept"})

    assert answer.status_code == 413
    assert answer.json()["detail"]
    assert answer.headers["X-Request-Id"] == "kept"


def test_a_form_that_is_far_too_large_is_answered_in_words_for_people(client: httpx.Client) -> None:
    address = str(client.base_url).replace("/api/v2/", "/portal/account/login/")
    answer = client.post(address, content=b"a" * 10_000_000)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Your text is still in the form" in answer.text
