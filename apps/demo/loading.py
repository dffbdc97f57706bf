"""The statements of the load: temporary tables, and the inserts from them into a tenant's own."""

COLUMNS = {
    "members": (
        ("person_id", "uuid"), ("assignment_id", "uuid"), ("external_id", "text"), ("profile", "bytea"),
        ("assigned_at", "timestamptz"), ("recorded_at", "timestamptz"), ("last_session_at", "timestamptz"),
        ("risk_level", "text"), ("risk_score", "int2"), ("mood_trend", "text"), ("brief", "text"), ("place", "int8"),
        ("measure_due", "text"), ("measure_due_at", "timestamptz"), ("improvement_due_at", "timestamptz"),
    ),
    "tokens": (("assignment_id", "uuid"), ("token", "bytea")),
    "sessions": (
        ("id", "uuid"), ("person_id", "uuid"), ("started_at", "timestamptz"), ("recorded_at", "timestamptz"),
        ("mood_before", "int2"), ("mood_after", "int2"), ("place", "int8"),
    ),
    "sheets": (
        ("id", "uuid"), ("person_id", "uuid"), ("score", "float8"), ("severity", "text"), ("answers", "bytea"),
        ("item_flags", "bytea"), ("change", "float8"), ("reliable_change", "bool"), ("administered_at", "timestamptz"),
        ("recorded_at", "timestamptz"), ("place", "int8"),
    ),
}  # fmt: skip
TYPES = {table: [kind for _, kind in columns] for table, columns in COLUMNS.items()}
# UUIDv7 (RFC 9562) for PostgreSQL before 18, which has no function of its own: milliseconds over the first 48 bits of a
# random UUIDv4, whose version then becomes 7. By bytes: by text it takes five times as long.
MAKE_ID = """
CREATE OR REPLACE FUNCTION pg_temp.new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(
        uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid
$$
"""
MAKE_TEMPORARY = (
    MAKE_ID,
    *(
        f"CREATE TEMPORARY TABLE load_{table} ({', '.join(f'{name} {kind}' for name, kind in columns)}) ON COMMIT DROP"
        for table, columns in COLUMNS.items()
    ),
)

# The first statement leaves the head's row locked until the commit, as `events_append` does.
LOCK_HEAD = """
INSERT INTO events_head AS head (tenant_id, count, last_us) VALUES (%s, 0, 0)
ON CONFLICT (tenant_id) DO UPDATE SET count = head.count RETURNING last_us
"""
MOVE_HEAD = "UPDATE events_head SET count = count + %s, last_us = %s WHERE tenant_id = %s"

_BY = """'{"kind": "system", "id": "00000000-0000-0000-0000-000000000000", "name": "Load"}'::jsonb"""

INSERTS = (
    "INSERT INTO members_person (id, created_at) SELECT person_id, recorded_at FROM load_members",
    """
    INSERT INTO members_assignment (
        id, tenant_id, person_id, external_id, profile, pronouns, timezone, status, primary_clinician_id, assigned_at,
        risk_level, open_crisis_flags, last_session_at, measure_due, measure_due_at, improvement_due_at)
    SELECT assignment_id, %(tenant)s, person_id, external_id, profile, '', 'UTC', 'active', %(clinician)s, assigned_at,
        risk_level, 0, last_session_at, measure_due, measure_due_at, improvement_due_at
    FROM load_members
    """,
    """
    INSERT INTO members_searchtoken (id, tenant_id, token, assignment_id)
    SELECT pg_temp.new_id(), %(tenant)s, token, assignment_id FROM load_tokens ORDER BY token
    """,
    """
    INSERT INTO care_sessions_session (
        id, tenant_id, member_id, session_type, modality, status, started_at, ended_at, clinician_id, clinician_name,
        mood_before, mood_after, topics, interventions, created_at)
    SELECT id, %(tenant)s, person_id, 'individual', 'video', 'completed', started_at, started_at + interval '50 minutes',
        %(clinician)s, 'Dr. Load', mood_before, mood_after, '{}', '{}', recorded_at
    FROM load_sessions
    """,
    f"""
    INSERT INTO assessments_assessment (
        id, tenant_id, member_id, instrument, name, instrument_version, scorer_version, answers, score, min_score,
        max_score, severity, subscales, item_flags, change, reliable_change, administered_at, administered_by,
        recorded_by, created_at)
    SELECT id, %(tenant)s, person_id, 'phq9', '', '1', '1', answers, score, 0, 27, severity, '{{}}', item_flags, change,
        reliable_change, administered_at, 'self', {_BY}, recorded_at
    FROM load_sheets
    """,
    """
    INSERT INTO intelligence_brief (
        id, tenant_id, member_id, generated_at, risk_level, risk_score, mood_trend, body)
    SELECT pg_temp.new_id(), %(tenant)s, person_id, now(), risk_level, risk_score, mood_trend, brief::jsonb FROM load_members
    """,
)

# Ids as `events_append` makes them: milliseconds, the microseconds within, then bits that here need not be secret.
EVENT_ROWS = f"""
WITH happened AS (
    SELECT 'member.assigned' AS type, person_id, assigned_at AS at, place,
        jsonb_build_object('assignment_id', assignment_id) AS data
    FROM load_members
    UNION ALL
    SELECT 'session.logged', person_id, started_at, place, '{{"session_type": "individual", "modality": "video",
        "status": "completed", "duration_minutes": 50}}'::jsonb || jsonb_build_object('session_id', id)
    FROM load_sessions
    UNION ALL
    SELECT 'assessment.completed', person_id, administered_at, place,
        '{{"instrument": "phq9", "max_score": 27, "crisis_flag_id": null}}'::jsonb || jsonb_build_object(
            'assessment_id', id, 'score', score, 'severity', severity, 'change', change,
            'reliable_change', reliable_change)
    FROM load_sheets
), placed AS (
    SELECT *, %(first)s::bigint + place * %(step)s::bigint AS us FROM happened
)
INSERT INTO events_event (id, tenant_id, recorded_at, type, member_id, occurred_at, actor, data)
SELECT (lpad(to_hex(us / 1000), 12, '0') || '7' || lpad(to_hex((us %% 1000) * 4), 3, '0')
        || '8' || lpad(to_hex((random() * 1e18)::bigint), 15, '0'))::uuid,
    %(tenant)s, to_timestamp(us / 1000000.0), type, person_id, at, {_BY}, data
FROM placed
"""
