"""Composing a handoff: what the preview shows is what is sent, and nothing that was typed is lost."""

from functools import partial

import pytest

from apps.accounts import actions as accounts
from apps.accounts.models import BreakGlass
from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.handoffs import reading
from apps.handoffs.models import Handoff, Packet
from apps.members.actions import GLASS_IS_BROKEN_FOR
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.counting import statements
from tests.handoffs.desks import HTMX, Desk, id_of, of_member
from tests.handoffs.steps import flag, note, offer, overdue_offer, session, with_a_record
from tests.people import VendorWorld
from tests.staff import colleague


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


def test_it_is_sent_as_it_was_written(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = desk.vendor.member().person_id
    handoff = desk.send(other_vendor, member_id, shared_care="on", ends_on="2099-12-31", within="3")
    with acting_as(desk.vendor.actor):
        made = Handoff.objects.get(id=id_of(handoff))
    assert (made.to_tenant_id, made.member_id, made.shared_care) == (other_vendor.tenant.id, member_id, True)
    assert (made.handoff_type, made.urgency, made.reason) == ("transfer", "urgent", "Moving to another town.")
    assert made.consent_scope == ["summary", "sessions", "notes"]
    assert round((made.expires_at - made.created_at).total_seconds() / 86_400) == 3
    assert made.consent_expires_at is not None
    assert made.consent_expires_at.isoformat() == "2100-01-01T00:00:00+00:00"
    page = desk.page(handoff)
    assert "Sent. You see here" in page
    assert "Waiting for an answer" in page


def test_the_preview_shows_the_packet_that_is_sent(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = with_a_record(desk.vendor)
    note(desk.vendor, session(desk.vendor, member_id)["id"], "dap", status="draft")
    scope = ["care_context", "sessions", "notes", "assessments", "crisis_flags"]
    reply = desk.client.post(of_member(member_id) + "new/preview/", {"scope": scope}, headers=HTMX)
    assert reply.status_code == 200
    previewed = reply.content.decode()
    assert "<html" not in previewed
    handoff = desk.send(other_vendor, member_id, scope=scope)
    sent = desk.page(f"{handoff}packet/")
    chapters = sent[sent.index('<section class="card" aria-label="Left out"') : sent.index("Content digest")]
    assert chapters.strip().removesuffix('<p class="quiet">').strip() in previewed
    with acting_as(desk.vendor.actor):
        packet = Packet.objects.get(handoff_id=id_of(handoff), tenant_id=desk.vendor.tenant.id)
        assert [each.title for each in reading.chapters(packet.content)] == [
            "Who it is about",
            "Crisis flags",
            "Care context and safety plan",
            "Assessments",
            "Sessions",
            "Notes",
        ]


def test_what_the_consent_leaves_out_is_named_and_not_shown(desk: Desk) -> None:
    member_id = with_a_record(desk.vendor)
    note(desk.vendor, session(desk.vendor, member_id)["id"], "dap", status="draft")
    path = of_member(member_id) + "new/preview/"
    page = desk.client.post(path, {"scope": ["notes", "nonsense"]}, headers=HTMX).content.decode()
    assert "soap subjective" in page
    assert "psychotherapy body" not in page
    assert "Spoke about sleep." not in page
    assert "Psychotherapy notes: the member&#x27;s consent does not cover this." in page
    assert "Sessions: the member&#x27;s consent does not cover this." in page
    assert "Notes: 1 unsigned draft. Drafts never travel." in page


def test_an_open_flag_that_the_consent_leaves_behind_is_pointed_out(desk: Desk) -> None:
    member_id = desk.vendor.member().person_id
    flag(desk.vendor, member_id)
    path = of_member(member_id) + "new/preview/"
    told = "The member has an open crisis flag and the consent does not cover crisis_flags."
    assert told in desk.client.post(path, {"scope": ["notes"]}, headers=HTMX).content.decode()
    for covering in ({"scope": ["crisis_flags"]}, {"scope": ["notes"], "shared_care": "on"}):
        assert told not in desk.client.post(path, covering, headers=HTMX).content.decode()


def test_without_a_script_preview_and_find_keep_what_was_typed(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = desk.vendor.member().person_id
    sent = desk.compose(member_id, to=str(other_vendor.tenant.id), obtained="", clinical_summary="")
    for button in ("preview", "find"):
        reply = desk.client.post(
            of_member(member_id) + "new/", {**sent, "do": button, "vendor": other_vendor.tenant.name}
        )
        page = reply.content.decode()
        assert reply.status_code == 200
        assert "Moving to another town." in page
        assert f'value="{other_vendor.tenant.id}" required checked' in page
        assert "Sessions</h2>" in page
        assert "Not sent" not in page
        assert desk.vendor.api.get("/handoffs/").json()["count"] == 0


def test_vendors_are_found_by_a_part_of_their_name_and_only_those_that_can_receive(
    desk: Desk, other_vendor: VendorWorld
) -> None:
    path = of_member(desk.vendor.member().person_id) + "new/vendors/"
    name = other_vendor.tenant.name
    page = desk.client.get(path, {"vendor": name[3:].upper()}, headers=HTMX).content.decode()
    assert str(other_vendor.tenant.id) in page
    assert str(other_vendor.sandbox.id) not in page
    own = desk.client.get(path, {"vendor": desk.vendor.tenant.name}, headers=HTMX).content.decode()
    assert str(desk.vendor.tenant.id) not in own
    assert "No vendor's name holds" in own
    with acting_as(system_actor(PLATFORM_ID)):
        accounts.suspend(tenant_id=other_vendor.tenant.id)
    assert str(other_vendor.tenant.id) not in desk.client.get(path, {"vendor": name}).content.decode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"to": ""}, "Choose who is to receive the member."),
        ({"to": "00000000-0000-7000-8000-00000000abcd"}, "There is no such vendor to hand off to."),
        ({"obtained": ""}, "Without the member&#x27;s consent nothing can be handed off."),
        ({"obtained_on": "2999-01-01"}, "Choose a day between 1900 and 2200."),
        ({"obtained_on": "2199-01-01"}, "Must not lie in the future."),
        ({"ends_on": "2020-01-01"}, "This consent has expired."),
        ({"reason": "  "}, "Say why the member is handed off."),
        ({"reason": "x" * 20_001}, "At most 20,000 characters fit here."),
        ({"handoff_type": "gift"}, "Select a valid choice."),
        ({"within": "400"}, "Select a valid choice."),
        ({"scope": ["everything"]}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    desk: Desk, other_vendor: VendorWorld, changes: dict[str, object], told: str
) -> None:
    member_id = desk.vendor.member().person_id
    sent = {**desk.compose(member_id, to=str(other_vendor.tenant.id)), **changes}
    reply = desk.client.post(of_member(member_id) + "new/", sent)
    assert reply.status_code == 422
    page = reply.content.decode()
    assert told in page
    assert "Stable on weekly sessions." in page
    assert desk.vendor.api.get("/handoffs/").json()["count"] == 0


def test_sending_the_form_twice_makes_one_handoff(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = desk.vendor.member().person_id
    sent = desk.compose(member_id, to=str(other_vendor.tenant.id))
    first, second = (desk.client.post(of_member(member_id) + "new/", sent) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert desk.vendor.api.get("/handoffs/").json()["count"] == 1


def test_a_form_of_htmx_is_led_to_the_handoff_as_a_whole_page(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = desk.vendor.member().person_id
    sent = desk.compose(member_id, to=str(other_vendor.tenant.id))
    reply = desk.client.post(of_member(member_id) + "new/", sent, headers=HTMX)
    assert reply.headers["HX-Redirect"].startswith("/portal/handoffs/")


def test_a_second_handoff_gives_way_to_tracking_the_first(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = desk.vendor.member().person_id
    late = desk.compose(member_id, to=str(other_vendor.tenant.id), urgency="routine")
    assert "Hand off</a>" in desk.page(of_member(member_id))
    handoff = desk.send(other_vendor, member_id)
    page = desk.page(of_member(member_id))
    assert f'href="{handoff}">Track the handoff to {other_vendor.tenant.name}' in page
    assert "new/" not in page
    led = desk.client.get(of_member(member_id) + "new/")
    assert led.headers["Location"] == handoff
    refused = desk.client.post(of_member(member_id) + "new/", late)
    assert refused.status_code == 409
    told = refused.content.decode()
    assert "This member has an open handoff from this vendor already" in told
    assert f'href="{handoff}">Track it' in told
    assert "Stable on weekly sessions." in told
    assert desk.steps(handoff) == ["pending"]


def test_an_overdue_offer_does_not_stand_in_the_way(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = desk.vendor.member().person_id
    overdue = overdue_offer(desk.vendor, other_vendor, member_id)
    assert "Expired" in desk.page(of_member(member_id))
    handoff = desk.send(other_vendor, member_id)
    assert desk.status(f"/{overdue['id']}/") == "expired"
    assert desk.status(handoff) == "pending"


def test_html_and_hostile_text_stay_text(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = desk.vendor.member(last_name="<script>alert(1)</script>").person_id
    hostile = "<img src=x onerror=alert(1)> \u202eabc 🫶"
    handoff = desk.send(other_vendor, member_id, reason=hostile, clinical_summary=hostile)
    for page in (desk.page(handoff), desk.page(f"{handoff}packet/"), desk.page(of_member(member_id))):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "🫶" in desk.page(handoff)


def test_nobody_composes_for_a_member_out_of_reach(desk: Desk, other_vendor: VendorWorld) -> None:
    foreign = other_vendor.member().person_id
    other = Desk(desk.vendor, colleague(desk.vendor))
    own = desk.vendor.member().person_id
    for at, member_id in ((desk, foreign), (other, own)):
        for path in ("", "new/", "new/vendors/"):
            assert at.client.get(of_member(member_id) + path).status_code == 404
        for path in ("new/", "new/preview/"):
            assert at.client.post(of_member(member_id) + path, {"do": "send"}).status_code == 404


def test_a_broken_glass_passes_nothing_on(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = desk.vendor.member().person_id
    handoff = desk.send(other_vendor, member_id)
    breaker = colleague(desk.vendor)
    with acting_as(system_actor(desk.vendor.tenant.id)):
        BreakGlass.objects.create(
            tenant_id=desk.vendor.tenant.id,
            user=breaker,
            member_id=member_id,
            reason="On call tonight.",
            expires_at=now() + GLASS_IS_BROKEN_FOR,
        )
    other = Desk(desk.vendor, breaker)
    assert "breaking the glass" in other.page(of_member(member_id))
    assert "breaking the glass" in other.page(of_member(member_id) + "new/", 403)
    assert (
        other.client.post(of_member(member_id) + "new/preview/", {"scope": ["psychotherapy_notes"]}).status_code == 403
    )
    for path in ("", "packet/"):
        assert other.client.get(handoff + path).status_code == 404


def test_an_administrator_hands_nobody_off(vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    admin = Desk(vendor, vendor.admin)
    for path in (of_member(member_id), of_member(member_id) + "new/", "/portal/handoffs/", "/portal/handoffs/outbox/"):
        assert admin.client.get(path).status_code == 403


def test_a_preview_is_recorded_with_its_scope_and_no_words(desk: Desk) -> None:
    member_id = desk.vendor.member().person_id
    desk.client.post(of_member(member_id) + "new/preview/", {"scope": ["notes"], "reason": "secret"})
    with acting_as(desk.vendor.actor):
        entry = Record.objects.filter(tenant_id=desk.vendor.tenant.id, action="handoff.previewed").latest("occurred_at")
    assert (entry.member_id, entry.details) == (member_id, {"scope": ["notes"]})


def test_the_pages_stay_in_the_budget(desk: Desk, other_vendor: VendorWorld) -> None:
    member_id = with_a_record(desk.vendor)
    offer(desk.vendor, other_vendor, desk.vendor.member().person_id)
    everything = {"scope": ["summary", "sessions", "notes", "assessments", "crisis_flags", "psychotherapy_notes"]}
    for path in ("", "new/", "new/vendors/"):
        desk.page(of_member(member_id) + path)
        found = statements(partial(status_of, desk, path=of_member(member_id) + path), 200)
        assert len(found) <= 12, found
    sent = {**everything, "do": "preview"}
    found = statements(lambda: desk.client.post(of_member(member_id) + "new/", sent).status_code, 200)
    assert len(found) <= 12, found
    offered = desk.vendor.member().person_id
    sent = desk.compose(offered, to=str(other_vendor.tenant.id))
    found = statements(lambda: desk.client.post(of_member(offered) + "new/", sent).status_code, 302)
    assert len(found) <= 12, found


def status_of(desk: Desk, path: str) -> int:
    return desk.client.get(path).status_code
