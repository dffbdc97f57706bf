"""The people of the tests: a vendor with its staff and keys, made by the same verbs as in real life."""

import json
import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts.models import Membership, User
from apps.core.actor import Actor, system_actor
from apps.keys import actions as keys
from apps.keys.models import SCOPES, APIKey
from apps.members import actions as members
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID, Tenant

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply

BASE = "/api/v2"


@dataclass
class Api:
    """A client of the Vendor API that shows one key. Paths are relative to the base path."""

    key: str | None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, query: Mapping[str, object] | None = None, **headers: str) -> "Reply":
        return self._send("GET", path, None, headers, query)

    def post(self, path: str, body: object = None, **headers: str) -> "Reply":
        return self._send("POST", path, body, headers)

    def put(self, path: str, body: object = None, **headers: str) -> "Reply":
        return self._send("PUT", path, body, headers)

    def _send(
        self,
        method: str,
        path: str,
        body: object,
        headers: Mapping[str, str],
        query: Mapping[str, object] | None = None,
    ) -> "Reply":
        """`body`: bytes are sent as they are, None as nothing, anything else as JSON. Headers as `idempotency_key=…`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key is not None:
            sent.setdefault("X-API-Key", self.key)
        content_type = sent.pop("content-type", "application/json")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            method, BASE + path, data, content_type=content_type, headers=sent, query_params=dict(query or {})
        )


@dataclass
class VendorWorld:
    """A live tenant with its sandbox, an admin, a clinician and a key for everything."""

    tenant: Tenant
    sandbox: Tenant
    admin: User
    clinician: User

    @property
    def actor(self) -> Actor:
        return Actor(
            kind="person",
            id=self.clinician.id,
            name=self.clinician.name,
            tenant_id=self.tenant.id,
            roles=frozenset({Membership.Role.CLINICIAN}),
            reach=frozenset({self.clinician.id}),
            door="portal",
        )

    @cached_property
    def api(self) -> Api:
        return self.api_with(SCOPES)

    def api_with(self, scopes: Iterable[str], *, sandbox: bool = False, **settings: Any) -> Api:
        return Api(self.key(scopes, sandbox=sandbox, **settings)[1])

    def key(self, scopes: Iterable[str] = SCOPES, *, sandbox: bool = False, **settings: Any) -> tuple[APIKey, str]:
        settings.setdefault("limit_per_minute", 10_000)
        with acting_as(system_actor(self.sandbox.id if sandbox else self.tenant.id)):
            return keys.issue(name="test", scopes=scopes, **settings)

    def member(self, *, sandbox: bool = False, person_id: uuid.UUID | None = None, **known: Any) -> Assignment:
        """Assign a made-up member, or `person_id` if given."""
        tag = secrets.token_hex(4)
        profile: members.Profile = {
            "first_name": known.pop("first_name", "Ada"),
            "last_name": known.pop("last_name", f"Quill{tag}"),
            "preferred_name": None,
            "email": known.pop("email", f"ada.{tag}@example.org"),
            "phone": "+15550100",
            "date_of_birth": "1990-02-03",
        }
        with acting_as(system_actor(self.sandbox.id if sandbox else self.tenant.id)):
            if person_id is None:
                person_id = members.register_person(email=profile["email"]).id
            return members.assign(person_id=person_id, profile=profile, primary_clinician_id=self.clinician.id, **known)


def make_vendor() -> VendorWorld:
    tag = secrets.token_hex(5)
    with acting_as(system_actor(PLATFORM_ID, door="command")):
        vendor = accounts.open_vendor(slug=f"vendor-{tag}", name=f"Vendor {tag}")
    with acting_as(system_actor(vendor.live.id, door="command")):
        admin = accounts.add_staff(email=f"admin-{tag}@example.org", name="Robin Vale", role=Membership.Role.ADMIN)
        clinician = accounts.add_staff(
            email=f"clinician-{tag}@example.org", name="Dr Sam Okafor", role=Membership.Role.CLINICIAN
        )
    return VendorWorld(vendor.live, vendor.sandbox, admin, clinician)
