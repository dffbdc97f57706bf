"""Answering a handoff: two vendors play it through at their own pages, and each sees its own side alone."""

import secrets
from functools import partial

import pytest
from django.db import connections, transaction

from apps.accounts.models import Cover, Membership
from apps.core.actor import system_actor
from apps.handoffs.models import Handoff
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.handoffs.desks import HTMX, Desk, id_of, of_member
from tests.handoffs.steps import act, context, event_types, events_of, flag, offer, overdue_offer, with_a_record
from tests.people import VendorWorld, make_vendor
from tests.staff import colleague

INBOX, OUTBOX = "/portal/handoffs/", "/portal/handoffs/outbox/"


@pytest.fixture
def sender(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


@pytest.fixture
def receiver(other_vendor: VendorWorld) -> Desk:
    return Desk(other_vendor)


def a_handoff(sender: Desk, receiver: Desk, last_name: str = "Thistlewood", **changes: object) -> str:
    return sender.send(receiver.vendor, sender.vendor.member(last_name=last_name).person_id, **changes)


def test_both_sides_play_it_through_and_it_ends_in_the_new_chart(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    assert "Nobody at" in sender.page(handoff)
    assert sender.vendor.tenant.name in receiver.page(INBOX)
    assert "Thistlewood" in receiver.page(f"{handoff}packet/")
    opened = sender.page(handoff)
    assert "Packet opened" in opened
    assert f"{receiver.user.name}, {receiver.vendor.tenant.name}" in opened
    accepted = receiver.act(handoff, "accept")
    assert accepted.headers["Location"] == handoff
    told = receiver.page(handoff)
    assert "Accepted. The sender is told" in told
    member = assignment_of(receiver.vendor, handoff)
    assert (member.called, member.primary_clinician_id) == ("Ada Thistlewood", receiver.user.id)
    assert f"/portal/members/{member.person_id}/" in told
    assert "It was accepted." in sender.page(handoff)
    receiver.act(handoff, "complete")
    done = receiver.page(handoff)
    assert "Completed: the member is in your care." in done
    assert f'href="/portal/members/{member.person_id}/">Open the chart of Ada Thistlewood' in done
    assert receiver.client.get(f"/portal/members/{member.person_id}/").status_code == 200
    past = sender.page(f"{OUTBOX}?state=completed")
    assert "Ada Thistlewood" in past
    assert handoff in past
    assert sender.client.get(f"{handoff}packet/").status_code == 200
    assert sender.steps(handoff) == ["pending", "accepted", "completed"]


def assignment_of(vendor: VendorWorld, handoff: str) -> Assignment:
    with acting_as(vendor.actor):
        member_id = Handoff.objects.get(id=id_of(handoff)).member_id
        return Assignment.objects.get(tenant_id=vendor.tenant.id, person_id=member_id, ended_at=None)


def test_the_member_is_entrusted_to_whom_the_receiver_chooses(sender: Desk, receiver: Desk) -> None:
    chosen = colleague(receiver.vendor, Membership.Role.SUPERVISOR, "Noor Hale")
    handoff = a_handoff(sender, receiver)
    page = receiver.page(handoff)
    assert "Noor Hale" in page
    assert "Robin Vale" not in page
    assert receiver.act(handoff, "accept", clinician=str(chosen.id)).status_code == 302
    assert assignment_of(receiver.vendor, handoff).primary_clinician_id == chosen.id


@pytest.mark.parametrize("who", ["admin", "stranger", "nobody", "nonsense"])
def test_a_member_is_entrusted_to_a_clinician_of_the_receiver_alone(sender: Desk, receiver: Desk, who: str) -> None:
    handoff = a_handoff(sender, receiver)
    ids = {"admin": receiver.vendor.admin.id, "stranger": sender.user.id, "nobody": "", "nonsense": "x"}
    reply = receiver.act(handoff, "accept", clinician=str(ids[who]))
    assert reply.status_code == 422
    assert "Choose" in reply.content.decode()
    assert receiver.status(handoff) == "pending"


def test_whom_the_receiver_treats_already_stays_with_their_clinician(sender: Desk, receiver: Desk) -> None:
    member_id = sender.vendor.member().person_id
    receiver.vendor.member(person_id=member_id, last_name="Larkspur")
    other = Desk(receiver.vendor, colleague(receiver.vendor))
    handoff = sender.send(receiver.vendor, member_id)
    assert f"stays with {receiver.user.name}" in other.page(handoff)
    assert other.act(handoff, "accept").status_code == 302
    member = assignment_of(receiver.vendor, handoff)
    assert (member.called, member.primary_clinician_id) == ("Ada Larkspur", receiver.user.id)


def test_whom_nobody_treats_there_yet_is_entrusted_on_acceptance(sender: Desk, receiver: Desk) -> None:
    first = offer(sender.vendor, receiver.vendor, sender.vendor.member().person_id, shared_care=True)
    act(receiver.vendor, first, "accept")
    act(receiver.vendor, first, "complete")
    handoff = sender.send(receiver.vendor, first["member_id"])
    assert assignment_of(receiver.vendor, handoff).primary_clinician_id is None
    receiver.act(handoff, "accept")
    assert assignment_of(receiver.vendor, handoff).primary_clinician_id == receiver.user.id


def test_an_offer_is_nameless_until_its_packet_is_opened(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    for path in (INBOX, handoff):
        assert "Thistlewood" not in receiver.page(path)
    assert "Moving to another town." in receiver.page(handoff)


def test_a_refusal_gives_its_reason_to_the_sender_and_closes_the_packet(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    empty = receiver.act(handoff, "decline")
    assert empty.status_code == 422
    assert "Tell the sender why" in empty.content.decode()
    sent = {"why": "No capacity at the moment", "words": "A place is free in <b>May</b>."}
    assert receiver.act(handoff, "decline", **sent).status_code == 302
    page = sender.page(handoff)
    assert "No capacity at the moment. A place is free in &lt;b&gt;May&lt;/b&gt;." in page
    assert "Declined" in sender.page(f"{OUTBOX}?state=declined")
    assert "The packet cannot be opened any more" in receiver.page(handoff)
    assert receiver.client.get(f"{handoff}packet/").status_code == 404
    assert sender.client.get(f"{handoff}packet/").status_code == 200


def test_the_sender_withdraws_with_a_reason_while_it_waits(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    assert sender.act(handoff, "cancel", reason="").status_code == 422
    assert sender.act(handoff, "cancel", reason="Would rather stay.").status_code == 302
    assert "Would rather stay." in sender.page(handoff)
    late = receiver.act(handoff, "accept")
    assert late.status_code == 409
    told = late.content.decode()
    assert "This handoff is cancelled; only a handoff that is pending can become accepted." in told
    assert "Withdrawn" in told
    assert sender.steps(handoff) == ["pending", "cancelled"]


@pytest.mark.parametrize("verb", ["accept", "decline", "complete"])
def test_clicking_twice_is_answered_as_the_first_time(sender: Desk, receiver: Desk, verb: str) -> None:
    handoff = a_handoff(sender, receiver)
    if verb == "complete":
        receiver.act(handoff, "accept")
    sent = {"words": "No place."} if verb == "decline" else {}
    replies = [receiver.act(handoff, verb, **sent) for _ in range(2)]
    assert [reply.headers.get("Location") for reply in replies] == [handoff, handoff]
    assert len(sender.steps(handoff)) == (3 if verb == "complete" else 2)


def test_who_comes_too_late_is_told_what_happened_meanwhile(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    late = Desk(receiver.vendor, colleague(receiver.vendor))
    receiver.act(handoff, "accept")
    for verb, sent in (("accept", {}), ("decline", {"words": "No place."})):
        reply = late.act(handoff, verb, **sent)
        assert reply.status_code == 409
        page = reply.content.decode()
        assert "This handoff is accepted; only a handoff that is pending can become" in page
        assert receiver.user.name in page
        assert "Moving to another town." not in page
    assert sender.steps(handoff) == ["pending", "accepted"]


def test_each_side_is_refused_the_others_verbs(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    for verb in ("accept", "decline", "complete"):
        assert sender.act(handoff, verb, words="No.").status_code == 403
    assert receiver.act(handoff, "cancel", reason="No.").status_code == 403
    assert sender.steps(handoff) == ["pending"]


def test_another_vendor_finds_nothing_at_any_address(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    stranger = Desk(make_vendor())
    for path in ("", "standing/", "packet/"):
        assert stranger.client.get(handoff + path).status_code == 404
    for verb in ("accept", "decline", "complete", "cancel"):
        assert stranger.act(handoff, verb, words="No.", reason="No.").status_code == 404
    for path in (INBOX, OUTBOX):
        assert handoff not in stranger.page(f"{path}?state=all")


def test_roles_without_a_chart_are_refused(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    admin = Desk(receiver.vendor, receiver.vendor.admin)
    for path in ("", "standing/", "packet/"):
        assert admin.client.get(handoff + path).status_code == 403
    for verb in ("accept", "decline", "complete", "cancel"):
        assert admin.act(handoff, verb, words="No.", reason="No.").status_code == 403


def test_once_answered_its_words_are_for_those_who_treat_the_member(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    bystander = Desk(receiver.vendor, colleague(receiver.vendor))
    assert "Thistlewood" in bystander.page(f"{handoff}packet/")
    receiver.act(handoff, "accept")
    page = bystander.page(handoff)
    assert "This handoff is not with you." in page
    assert "Moving to another town." not in page
    assert "Thistlewood" not in page + bystander.page(INBOX)
    assert bystander.client.get(f"{handoff}packet/").status_code == 404
    with acting_as(system_actor(receiver.vendor.tenant.id)):
        Cover.objects.create(tenant_id=receiver.vendor.tenant.id, clinician=receiver.user, covered_by=bystander.user)
    assert "Moving to another town." in bystander.page(handoff)
    assert "Thistlewood" in bystander.page(f"{handoff}packet/")


def test_colleagues_of_the_sender_see_what_is_of_their_own_members(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    other = Desk(sender.vendor, colleague(sender.vendor))
    assert other.client.get(handoff).status_code == 404
    assert handoff not in other.page(f"{OUTBOX}?state=all")
    with acting_as(system_actor(sender.vendor.tenant.id)):
        Cover.objects.create(tenant_id=sender.vendor.tenant.id, clinician=sender.user, covered_by=other.user)
    assert "Moving to another town." in other.page(handoff)
    receiver.act(handoff, "accept")
    receiver.act(handoff, "complete")
    assert "Completed" in other.page(handoff)


def test_the_first_reading_of_each_person_is_told_to_both_sides_once(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    member_id = member_of(sender, handoff)
    sender.page(f"{handoff}packet/")
    context(receiver.vendor, {"id": str(id_of(handoff))})
    assert "handoff.read" not in event_types(sender.vendor.api, member_id)
    for _ in range(2):
        receiver.page(f"{handoff}packet/")
    other = Desk(receiver.vendor, colleague(receiver.vendor, name="Noor Hale"))
    other.page(f"{handoff}packet/")
    for side in (sender, receiver):
        told = events_of(side.vendor.api, member_id, "handoff.read")
        assert [each["actor"]["name"] for each in told] == [receiver.user.name, "Noor Hale"]
    page = sender.page(handoff)
    assert "2 times, last" in page
    assert "the API key test" in page
    assert page.count("Packet opened") == 3


def member_of(desk: Desk, handoff: str) -> str:
    with acting_as(desk.vendor.actor):
        return str(Handoff.objects.get(id=id_of(handoff)).member_id)


def test_a_flag_that_the_consent_does_not_cover_stops_the_completion_in_words(sender: Desk, receiver: Desk) -> None:
    member_id = sender.vendor.member().person_id
    handoff = sender.send(receiver.vendor, member_id)
    receiver.act(handoff, "accept")
    raised = flag(sender.vendor, member_id)
    assert "The consent does not cover crisis flags." in receiver.page(handoff)
    assert "resolve it before the handoff can be completed" in sender.page(handoff)
    refused = receiver.act(handoff, "complete")
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "The member has an open crisis flag" in page
    assert str(raised["id"]) not in page
    assert receiver.status(handoff) == "accepted"


def test_an_expired_consent_disables_the_button_and_says_why(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver, ends_on="2199-12-31")
    end_consent(sender.vendor, handoff)
    page = receiver.page(handoff)
    assert '<button class="button" disabled aria-describedby="why-not-accept">Accept</button>' in page
    assert "The member&#x27;s consent has expired; the sender has to make a new handoff." in page
    assert receiver.act(handoff, "accept").status_code == 409


def end_consent(vendor: VendorWorld, handoff: str) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('throughline.tenant_id', %s, true)", [str(vendor.tenant.id)])
        cursor.execute("UPDATE handoffs_handoff SET consent_expires_at = now() WHERE id = %s", [id_of(handoff)])


def test_an_overdue_offer_reads_as_expired_before_the_clock_comes_by(sender: Desk, receiver: Desk) -> None:
    made = overdue_offer(sender.vendor, receiver.vendor, sender.vendor.member().person_id)
    handoff = f"{INBOX}{made['id']}/"
    for desk in (sender, receiver):
        assert "Expired without an answer" in desk.page(handoff)
    late = receiver.act(handoff, "accept")
    assert late.status_code == 409
    assert "This handoff is expired" in late.content.decode()


def test_an_open_page_renews_how_it_stands_and_its_acts_when_that_changed(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    watched = f'hx-get="{handoff}standing/?was=pending" hx-trigger="sse:handoff"'
    assert watched in sender.page(handoff)
    same = sender.client.get(f"{handoff}standing/?was=pending", headers=HTMX).content.decode()
    assert "<html" not in same
    assert 'hx-swap-oob="true"' not in same
    receiver.act(handoff, "accept")
    new = sender.client.get(f"{handoff}standing/?was=pending", headers=HTMX).content.decode()
    assert "standing/?was=accepted" in new
    assert 'id="acts"' in new
    assert 'hx-swap-oob="true"' in new
    assert "cancel/" not in new


def test_the_navigation_asks_how_many_wait(sender: Desk, receiver: Desk) -> None:
    handoffs = [a_handoff(sender, receiver) for _ in range(2)]
    overdue_offer(sender.vendor, receiver.vendor, sender.vendor.member().person_id)
    asked = "/portal/waiting/"
    assert f'hx-get="{asked}"' in receiver.page("/portal/")
    assert "waiting: </span>2" in receiver.page(asked)
    receiver.act(handoffs[0], "accept")
    assert "waiting: </span>1" in receiver.page(asked)
    assert "waiting: " not in sender.page(asked)


def test_the_trays_are_asked_by_state_and_come_in_parts(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    assert "is offering you someone" not in receiver.page(INBOX)
    assert "Nothing that you handed off is under way" in receiver.page(OUTBOX)
    assert handoff not in receiver.page(f"{INBOX}?state=declined")
    rows = receiver.client.get(f"{INBOX}?state=pending", headers={**HTMX, "HX-Target": "rows"}).content.decode()
    assert handoff in rows
    assert "<html" not in rows
    for nonsense in ("state=x", "page=x", "state=%00", f"state={secrets.token_hex(400)}"):
        assert receiver.client.get(f"{INBOX}?{nonsense}").status_code == 200


def test_pages_stay_in_the_budget_however_many_there_are(sender: Desk, receiver: Desk) -> None:
    for _ in range(3):
        made = offer(sender.vendor, receiver.vendor, with_a_record(sender.vendor))
    handoff = f"{INBOX}{made['id']}/"
    for path in (INBOX, OUTBOX, handoff, f"{handoff}standing/?was=accepted", f"{handoff}packet/"):
        for desk in (sender, receiver):
            desk.page(path)
            found = statements(partial(status_of_page, desk, path), 200)
            assert len(found) <= 12, (path, found)


def test_acts_stay_in_the_budget(sender: Desk, receiver: Desk) -> None:
    handoffs = [a_handoff(sender, receiver) for _ in range(2)]
    for verb in ("accept", "complete"):
        receiver.act(handoffs[0], verb)
        found = statements(partial(status_of_act, receiver, handoffs[1], verb), 302)
        assert len(found) <= 12, found


def status_of_page(desk: Desk, path: str) -> int:
    return desk.client.get(path).status_code


def status_of_act(desk: Desk, handoff: str, verb: str) -> int:
    return desk.act(handoff, verb).status_code


def test_the_handoffs_of_one_member_hold_both_directions(sender: Desk, receiver: Desk) -> None:
    handoff = a_handoff(sender, receiver)
    receiver.act(handoff, "accept")
    receiver.act(handoff, "complete")
    member_id = member_of(receiver, handoff)
    back = receiver.send(sender.vendor, member_id)
    page = receiver.page(of_member(member_id))
    assert f"Transfer from {sender.vendor.tenant.name}" in page
    assert f"Track the handoff to {sender.vendor.tenant.name}" in page
    assert back in page
    assert handoff in page
