"""Nothing that a tenant writes refers to another tenant's row, though foreign keys are checked past row security."""

import uuid
from collections.abc import Iterable, Iterator

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.migrations.operations.special import RunSQL

from apps.core.actor import system_actor
from apps.core.ids import uuid7
from apps.crisis.models import EscalationStep
from apps.handoffs.models import HandoffStep
from apps.members.models import SearchToken
from apps.notes.models import Note, NoteSignature
from apps.tenants.context import acting_as
from apps.tenants.references import key_with_tenant, refer_within_tenant
from tests.handoffs.steps import flag, note, offer, session
from tests.people import VendorWorld

BY = {"kind": "system", "id": str(uuid.UUID(int=0)), "name": "x"}


@pytest.mark.parametrize("told", ["session", "addendum"])
def test_a_note_refers_to_its_own_tenants_records(vendor: VendorWorld, other_vendor: VendorWorld, told: str) -> None:
    theirs = session(vendor, vendor.member().person_id)
    mine = session(other_vendor, other_vendor.member().person_id)
    addressed = {"session_id": theirs["id"]}
    if told == "addendum":
        addressed = {"session_id": mine["id"], "addendum_to_id": note(vendor, theirs["id"])["id"]}
    with pytest.raises(IntegrityError), acting_as(system_actor(other_vendor.tenant.id)):
        Note.objects.create(
            tenant_id=other_vendor.tenant.id, member_id=uuid7(), note_type="soap", content={}, author=BY, **addressed
        )


def test_a_signature_a_step_and_a_search_token_refer_to_their_own_tenants_records(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    member = vendor.member()
    draft = note(vendor, session(vendor, member.person_id)["id"], status="draft")["id"]
    raised = flag(vendor, member.person_id)["id"]
    tenant_id = other_vendor.tenant.id
    for row in (
        NoteSignature(tenant_id=tenant_id, note_id=draft, signed_by=BY, role="cosigner"),
        EscalationStep(tenant_id=tenant_id, flag_id=raised, level=9, rung="x", reached="x", reason="unresolved"),
        SearchToken(tenant_id=tenant_id, assignment_id=member.id, token=b"x" * 16),
    ):
        with pytest.raises(IntegrityError), acting_as(system_actor(tenant_id)):
            row.save(force_insert=True)


def test_a_step_has_both_sides_of_its_handoff(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id, "summary")
    with pytest.raises(DatabaseError), acting_as(system_actor(vendor.tenant.id)):
        HandoffStep.objects.create(
            tenant_id=vendor.tenant.id, to_tenant_id=uuid7(), handoff_id=made["id"], status="pending", by=BY
        )


@pytest.fixture
def planted() -> Iterator[None]:
    with connections["owner"].cursor() as cursor:
        for table in ("planted_parent", "planted_child"):
            cursor.execute(f"CREATE TABLE {table} (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, parent_id uuid)")
            cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
            cursor.execute(
                f"CREATE POLICY own ON {table} USING (tenant_id::text = current_setting('throughline.tenant_id', true))"
            )
        cursor.execute("ALTER TABLE planted_child ADD FOREIGN KEY (parent_id) REFERENCES planted_parent")
        yield
        cursor.execute("DROP TABLE planted_child, planted_parent")


def insert(table: str, tenant_id: uuid.UUID, row_id: uuid.UUID, parent_id: uuid.UUID | None = None) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('throughline.tenant_id', %s, true)", [str(tenant_id)])
        cursor.execute(
            f"INSERT INTO {table} (id, tenant_id, parent_id) VALUES (%s, %s, %s)", [row_id, tenant_id, parent_id]
        )


def migrate(steps: Iterable[RunSQL]) -> None:
    with connections["owner"].cursor() as cursor:
        for step in steps:
            cursor.execute(str(step.sql))


@pytest.mark.usefixtures("planted")
def test_the_migration_names_where_a_row_refers_to_another_tenants_and_can_be_run_again_and_taken_back(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    parent, child = uuid7(), uuid7()
    insert("planted_parent", vendor.tenant.id, parent)
    insert("planted_child", vendor.tenant.id, uuid7(), parent)
    insert("planted_child", other_vendor.tenant.id, child, parent)
    migrate(key_with_tenant("planted_parent"))
    refer = refer_within_tenant("planted_child", "parent_id", "planted_parent")
    with pytest.raises(IntegrityError, match=f"planted_child refer by parent_id .* {other_vendor.tenant.id}"):
        migrate(refer)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('throughline.tenant_id', %s, true)", [str(other_vendor.tenant.id)])
        cursor.execute("DELETE FROM planted_child WHERE id = %s", [child])
    migrate(refer)
    with pytest.raises(IntegrityError):
        insert("planted_child", other_vendor.tenant.id, uuid7(), parent)
    migrate([RunSQL(str(step.reverse_sql)) for step in reversed(refer)])
    insert("planted_child", other_vendor.tenant.id, uuid7(), parent)
    with pytest.raises(IntegrityError):
        insert("planted_child", other_vendor.tenant.id, uuid7(), uuid7())
