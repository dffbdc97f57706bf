"""POST /onboarding/, without a key."""

import secrets

from tests.people import Api


def test_anyone_may_ask_once_for_an_email() -> None:
    body = {
        "organization_name": "North Practice",
        "contact_name": "Kim Alder",
        "contact_email": f"kim.{secrets.token_hex(4)}@example.org",
        "use_case": "Continuity of care.",
        "expected_members": 40,
    }
    first = Api(None).post("/onboarding/", body)
    assert first.status_code == 201, first.content
    assert first.json()["status"] == "pending"
    assert Api(None).post("/onboarding/", body).status_code == 409
    assert Api(None).post("/onboarding/", {**body, "expected_members": 0}).status_code == 422
