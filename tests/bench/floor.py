"""The floor: bare Django views, no middleware, one hand-written statement each, the same bytes as the stack's answers.

No key, no limit, no row security, no encryption, no audit, no event: what any Django service under this server
must spend on a request that reads or writes these rows.
"""

import uuid
from typing import Any

import msgspec
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from apps.core.clock import now
from apps.core.ids import uuid7
from config import readers

settings.configure(
    SECRET_KEY=readers.text("SECRET_KEY"),
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    USE_TZ=True,
    DATABASES={"default": {**readers.database("DATABASE_URL"), "CONN_MAX_AGE": None}},
)

COLUMNS = """
id, external_id, first_name, last_name, preferred_name, pronouns, email, phone, date_of_birth, timezone, status,
assigned_at, clinician_id, clinician_name, risk_level, open_crisis_flags, last_session_at
"""
PAGE = f"""
SELECT {COLUMNS}, (SELECT amount FROM bench.tally)
FROM bench.member ORDER BY assigned_at DESC, assignment_id DESC LIMIT 25
"""
ONE = f"SELECT {COLUMNS} FROM bench.member WHERE id = %s"
NAMES = (
    "id", "member_id", "external_id", "session_type", "modality", "status", "started_at", "ended_at", "clinician_id",
    "clinician_name", "mood_before", "mood_after", "summary", "topics", "interventions", "homework", "next_session_at",
    "created_at",
)  # fmt: skip
INSERT = f"INSERT INTO bench.session (tenant_id, {', '.join(NAMES)}) VALUES (%s{', %s' * len(NAMES)})"
PRIVATE = uuid.UUID(int=0)


def _member(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "id": row[0],
        "external_id": row[1],
        "first_name": row[2],
        "last_name": row[3],
        "preferred_name": row[4],
        "pronouns": row[5],
        "email": row[6],
        "phone": row[7],
        "date_of_birth": row[8],
        "timezone": row[9],
        "status": row[10],
        "assigned_at": row[11],
        "primary_clinician": {"id": row[12], "name": row[13]},
        "risk_level": row[14],
        "open_crisis_flags": row[15],
        "last_session_at": row[16],
    }


def members(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(PAGE)
        rows = cursor.fetchall()
    following = request.build_absolute_uri(f"{request.path}?limit=25&offset=25")
    body = {"count": rows[0][17], "next": following, "previous": None, "results": [_member(row) for row in rows]}
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")


def member(request: HttpRequest, member_id: uuid.UUID) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(ONE, [member_id])
        row = cursor.fetchone()
    return HttpResponse(msgspec.json.encode(_member(row)), content_type="application/json")


def sessions(request: HttpRequest) -> HttpResponse:
    session = {
        "external_id": None,
        "next_session_at": None,
        **msgspec.json.decode(request.body),
        "id": uuid7(),
        "created_at": now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [PRIVATE, *(session[name] for name in NAMES)])
    answer = {**session, "duration_minutes": 50, "notes": []}
    return HttpResponse(msgspec.json.encode(answer), status=201, content_type="application/json")


urlpatterns = [
    path("api/v2/members/", members),
    path("api/v2/members/<uuid:member_id>/", member),
    path("api/v2/sessions/", sessions),
]
application = get_wsgi_application()
