"""The published description is true: what schemathesis makes of it is answered as it says, by the live server."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from apps.keys.models import SCOPES
from tests.api_vendor.test_access import ROUTES
from tests.people import VendorWorld, make_vendor
from tests.stack.serving import served

NAMES = ("member_id", "session_id", "handoff_id", "to_vendor_id")
# The stream never ends, and is tested on its own.
OPERATIONS = sorted({route[:2] for route in ROUTES if route[1] != "events/stream/"} | {("POST", "onboarding/")})


def live_ids(vendor: VendorWorld, receiver: VendorWorld) -> dict[str, str]:
    """Something behind each name, so that not every answer is a 404."""
    member_id = str(vendor.member().person_id)
    session = {"member_id": member_id, "session_type": "individual", "modality": "video"}
    session_id = vendor.api.post("/sessions/", {**session, "started_at": "2026-03-02T09:00:00Z"}).json()["id"]
    note = {"session_id": session_id, "note_type": "progress", "content": {"body": "Steady."}, "status": "signed"}
    assert vendor.api.post("/notes/", note).status_code == 201
    handoff = {
        "member_id": member_id,
        "to_vendor_id": str(receiver.tenant.id),
        "handoff_type": "referral",
        "urgency": "routine",
        "reason": "Moves away.",
        "clinical_summary": "Stable.",
        "consent": {"obtained": True, "obtained_at": "2026-03-01T09:00:00Z", "scope": ["summary", "notes"]},
    }
    handoff_id = vendor.api.post("/handoffs/", handoff).json()["id"]
    return dict(zip(NAMES, (member_id, session_id, handoff_id, str(receiver.tenant.id)), strict=True))


def with_live_ids(known: dict[str, str]) -> Callable[[Any, Any], Any]:
    def exchange(context: Any, part: Any) -> Any:
        """Three of four well-formed ids become one that is there; all else stays as it was made."""
        if isinstance(part, dict):
            for name in NAMES & part.keys():
                if is_uuid(part[name]) and uuid.UUID(part[name]).int % 4:
                    part[name] = known[name]
        return part

    return exchange


def is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dict[str, str]]]:
    vendor, receiver = make_vendor(), make_vendor()
    key = vendor.key(SCOPES, limit_per_minute=1_000_000)[1]
    config = ProjectConfig(
        generation=GenerationConfig(modes=list(GenerationMode), with_security_parameters=False, allow_x00=False),
    )
    with served(tmp_path_factory.mktemp("description"), ready="/healthz", web=None) as url:
        instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 12, 31), timezones=st.just(UTC))
        schemathesis.openapi.format("date-time", instants.map(lambda instant: instant.isoformat()))
        schemathesis.openapi.format("date", instants.map(lambda instant: instant.date().isoformat()))
        schema = schemathesis.openapi.from_url(
            f"{url}/api/v2/openapi.json",
            config=SchemathesisConfig(projects=ProjectsConfig(default=config), seed=1),
        )
        known = live_ids(vendor, receiver)
        for part in ("map_body", "map_query", "map_path_parameters"):
            schema.hook(part)(with_live_ids(known))
        yield schema, {"X-API-Key": key}


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part.strip("/"))
def test_every_operation_answers_as_it_is_described(
    description: tuple[Any, dict[str, str]], method: str, path: str, mode: GenerationMode
) -> None:
    """A body may break a rule about the state of things, which no schema holds; what is read may not."""

    schema, headers = description

    @given(case=schema[f"/api/v2/{path}"][method].as_strategy(mode))
    @settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def answers_as_described(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, excluded_checks=[] if method == "GET" else [positive_data_acceptance])

    answers_as_described()
