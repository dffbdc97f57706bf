"""Who acts: one value from the door to the audit row."""

import uuid
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["person", "key", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an API key or the system itself, acting inside one tenant.

    `address` is the client's address as a trusted proxy gave it; `door` names where the request came in
    (`api_vendor`, `portal`, `command`, `beat`). A person sees the members whom the clinicians in `reach` treat (the
    person among them) and, for a while, the members in `opened`: those whose glass they broke.
    """

    kind: Kind
    id: uuid.UUID
    name: str
    tenant_id: uuid.UUID
    roles: frozenset[str] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)
    request_id: str = ""
    address: str | None = None
    door: str = "command"
    reach: frozenset[uuid.UUID] = field(default_factory=frozenset)
    opened: frozenset[uuid.UUID] = field(default_factory=frozenset)

    def reference(self) -> dict[str, str]:
        """How answers, histories and events name this actor: `{kind, id, name}`."""
        return {"kind": self.kind, "id": str(self.id), "name": self.name}


SYSTEM_ID = uuid.UUID(int=0)


def system_actor(tenant_id: uuid.UUID, *, door: str = "beat", name: str = "Throughline") -> Actor:
    """The platform itself, for clock-driven jobs and commands."""
    return Actor(kind="system", id=SYSTEM_ID, name=name, tenant_id=tenant_id, door=door)
