"""The seals: a hash of each row, chained by tenant, and the check that finds what was tampered with.

A row's hash is SHA-256 over the canonical JSON of all its columns. A seal covers every row whose transaction lies
below the oldest that is still running, so no row can arrive late in a sealed range; its digest is SHA-256 over the
previous digest, the range and the row hashes. Whoever can change rows and all later seals can forge the chain, so
`verify_audit` prints each tenant's newest digest, to be kept elsewhere.
"""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import msgspec
from django.db.models import QuerySet

from apps.audit.models import Seal
from apps.core.database import run
from apps.tenants.context import current_work

BATCH = 5_000
# Rows that are checked at once: some tenths of a second's work.
PART = 20_000
MOST_SEALS = 500
ENTRY = 16 + 32
COLUMNS = (
    "id, tenant_id, occurred_at, actor_kind, actor_id, actor_name, action, rows, member_id, reason, door, address, "
    "request_id, details, xact"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: which seal, which row if one can be named, and what."""

    seal: int
    row_id: uuid.UUID | None
    what: str


@dataclass(frozen=True, slots=True)
class Part:
    """What checking the seals `first` to `last` came to: how many rows, which faults, and which seal is `next` if any.

    `last` is one below `first` where there is no such seal.
    """

    first: int
    last: int
    rows: int
    faults: tuple[Fault, ...]
    next: int | None


def seal_settled() -> int:
    """Seal what is settled and not yet sealed of the tenant that the work is in. Returns the number of rows sealed.

    Two sealers at once take turns (an advisory lock), so numbers never clash and nothing is sealed twice.
    """
    tenant_id = current_work().tenant_id
    run([("SELECT pg_advisory_xact_lock(hashtextextended('audit.seal' || %s, 0))", (str(tenant_id),))])
    last = Seal.objects.filter(tenant_id=tenant_id).order_by("-number").first()
    start = last.to_xact if last else 0
    settled = int(run([("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint", ())])[0][0][0])
    rows = run(
        [
            (
                f"SELECT {COLUMNS} FROM audit_record WHERE tenant_id = %s AND xact >= %s AND xact < %s "
                "ORDER BY xact, id LIMIT %s",
                (tenant_id, start, settled, BATCH),
            )
        ]
    )[0]
    if not rows:
        return 0
    end = settled
    if len(rows) == BATCH:
        # The last transaction may be cut in two by the limit: leave it whole for the next seal.
        end = rows[-1][-1]
        whole = [row for row in rows if row[-1] < end]
        if whole:
            rows = whole
        else:
            end, rows = end + 1, _of_transaction(tenant_id, end)
    hashes = b"".join(row[0].bytes + row_hash(row) for row in rows)
    previous = bytes(last.digest) if last else b"\0" * 32
    number = last.number + 1 if last else 1
    Seal.objects.create(
        tenant_id=tenant_id,
        number=number,
        from_xact=start,
        to_xact=end,
        row_count=len(rows),
        row_hashes=hashes,
        previous=previous,
        digest=digest(tenant_id, number, start, end, previous, hashes),
    )
    return len(rows)


def _of_transaction(tenant_id: uuid.UUID, xact: int) -> list[tuple[Any, ...]]:
    sql = f"SELECT {COLUMNS} FROM audit_record WHERE tenant_id = %s AND xact = %s ORDER BY id"
    return run([(sql, (tenant_id, xact))])[0]


def row_hash(row: tuple[Any, ...]) -> bytes:
    return hashlib.sha256(msgspec.json.encode(row, order="sorted")).digest()


def digest(tenant_id: uuid.UUID, number: int, start: int, end: int, previous: bytes, hashes: bytes) -> bytes:
    head = f"{tenant_id}|{number}|{start}|{end}|".encode()
    return hashlib.sha256(head + previous + hashes).digest()


def verify() -> Iterator[Fault]:
    """Every fault in the chain of the tenant that the work is in, in order; nothing when all is as it was sealed."""
    first: int | None = 1
    while first is not None:
        part = verify_part(first)
        yield from part.faults
        first = part.next


def verify_part(first: int) -> Part:
    """Check the seals from number `first` on until `PART` rows are checked, or more where one seal has more."""
    tenant_id = current_work().tenant_id
    seals = Seal.objects.filter(tenant_id=tenant_id)
    before = seals.filter(number__lt=first).defer("row_hashes").order_by("-number").first()
    previous, expected_start = (bytes(before.digest), before.to_xact) if before else (b"\0" * 32, 0)
    faults: list[Fault] = []
    rows, expected_number = 0, first
    for seal in _up_to_a_part(seals.filter(number__gte=first).order_by("number")):
        if seal.number != expected_number:
            faults.append(Fault(seal.number, None, f"seal {expected_number} is missing"))
        hashes = bytes(seal.row_hashes)
        if bytes(seal.previous) != previous or seal.from_xact != expected_start:
            faults.append(Fault(seal.number, None, "the seal does not follow the one before it"))
        made = digest(tenant_id, seal.number, seal.from_xact, seal.to_xact, bytes(seal.previous), hashes)
        if made != bytes(seal.digest):
            faults.append(Fault(seal.number, None, "the seal itself was altered"))
        faults += _verify_rows(tenant_id, seal, hashes)
        previous, expected_start, expected_number = bytes(seal.digest), seal.to_xact, seal.number + 1
        rows += seal.row_count
    is_last = not seals.filter(number__gte=expected_number).exists()
    return Part(first, expected_number - 1, rows, tuple(faults), None if is_last else expected_number)


def _up_to_a_part(seals: QuerySet[Seal]) -> QuerySet[Seal]:
    """The first of them that make up a part, told by their counts before their hashes are read."""
    counts = list(seals.values_list("row_count", flat=True)[:MOST_SEALS])
    until = next((place for place, rows in enumerate(accumulate(counts), start=1) if rows >= PART), len(counts))
    return seals[:until]


def newest_seal() -> Seal | None:
    """Without its rows' hashes; of the tenant that the work is in."""
    seals = Seal.objects.filter(tenant_id=current_work().tenant_id).order_by("-number")
    return seals.defer("row_hashes").first()


def _verify_rows(tenant_id: uuid.UUID, seal: Seal, hashes: bytes) -> Iterator[Fault]:
    sealed = {
        uuid.UUID(bytes=hashes[at : at + 16]): hashes[at + 16 : at + ENTRY] for at in range(0, len(hashes), ENTRY)
    }
    sql = f"SELECT {COLUMNS} FROM audit_record WHERE tenant_id = %s AND xact >= %s AND xact < %s ORDER BY xact, id"
    found = run([(sql, (tenant_id, seal.from_xact, seal.to_xact))])[0]
    order = [row[0] for row in found]
    for row in found:
        if row[0] not in sealed:
            yield Fault(seal.number, row[0], "the row was added after the seal")
        elif sealed[row[0]] != row_hash(row):
            yield Fault(seal.number, row[0], "the row was altered")
    for row_id in sealed.keys() - set(order):
        yield Fault(seal.number, row_id, "the row was removed")
    if [row_id for row_id in order if row_id in sealed] != [row_id for row_id in sealed if row_id in set(order)]:
        yield Fault(seal.number, None, "the rows were reordered")
