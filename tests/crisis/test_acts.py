"""What people do about a flag: their own words kept with it, and the next rung called before it falls due."""

import pytest

from apps.core.actor import system_actor
from apps.core.errors import Invalid
from apps.crisis import actions, escalation
from apps.crisis.errors import WrongFlagState
from apps.crisis.models import CrisisFlag, EscalationStep, FlagAction
from apps.tenants.context import acting_as
from tests.crisis.test_desk import DESK, HTMX, OUTCOME, colleague_of, raised, recorded, reread, shown
from tests.people import VendorWorld
from tests.portal.people import portal

SAID = "Called her mother, who is with her <b>now</b>."


def steps(vendor: VendorWorld, flag: CrisisFlag) -> list[EscalationStep]:
    with acting_as(system_actor(vendor.tenant.id)):
        return list(EscalationStep.objects.filter(flag_id=flag.id).order_by("level"))


def kept(vendor: VendorWorld, flag: CrisisFlag) -> list[FlagAction]:
    with acting_as(system_actor(vendor.tenant.id)):
        return list(FlagAction.objects.filter(flag_id=flag.id).order_by("at"))


def test_what_was_done_stands_with_the_flag_under_its_authors_name_as_text(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    assert client.post(f"{DESK}{flag.id}/act/", {"what": SAID}).headers["Location"] == DESK
    page = shown(client)
    assert "Dr Sam Okafor: " in page
    assert "who is with her &lt;b&gt;now&lt;/b&gt;." in page
    assert "crisis.acted" in recorded(vendor, flag)
    (done,) = kept(vendor, flag)
    assert (done.what, done.by, done.kind) == (SAID, vendor.actor.reference(), "done")
    assert reread(vendor, flag).status == "open"


def test_the_words_are_sealed_where_they_are_kept(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    with acting_as(vendor.actor):
        actions.act(flag_id=flag.id, what=SAID)
        (sealed,) = FlagAction.objects.filter(flag_id=flag.id).extra(select={"raw": "what"}).values_list("raw")[0]
    assert SAID.encode() not in bytes(sealed)


def test_calling_the_next_rung_takes_it_at_once_and_keeps_why(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    colleague = colleague_of(vendor)
    client = portal(vendor, vendor.clinician)
    client.post(f"{DESK}{flag.id}/escalate/", {"reason": "I am alone on site."})
    (step,) = steps(vendor, flag)
    assert (step.rung, step.reached, step.reason, step.recipients) == (
        "covering",
        "covering",
        "by_hand",
        [colleague.id],
    )
    found = reread(vendor, flag)
    assert found.escalation_level == 1
    assert found.escalate_at
    assert found.escalate_at > step.at
    assert "crisis.escalated" in recorded(vendor, flag)
    page = shown(client)
    assert "Covering: Kim Rao called, by hand" in page
    assert "I am alone on site." in page


def test_the_ladder_ends_and_says_so_on_the_button(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    for _ in range(4):
        client.post(f"{DESK}{flag.id}/escalate/", {"reason": "Nobody answers."})
    refused = client.post(f"{DESK}{flag.id}/escalate/", {"reason": "Nobody answers."})
    assert refused.status_code == 409
    assert [step.level for step in steps(vendor, flag)] == [1, 2, 3, 4]
    assert reread(vendor, flag).escalate_at is None
    assert "The last rung of the ladder has been called already." in shown(client)


def test_what_is_resolved_takes_no_act_and_calls_nobody(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    client.post(f"{DESK}{flag.id}/resolve/", OUTCOME)
    for verb, body in (("act", {"what": SAID}), ("escalate", {"reason": "Late."})):
        assert client.get(f"{DESK}{flag.id}/{verb}/").status_code == 409
        assert client.post(f"{DESK}{flag.id}/{verb}/", body).status_code == 409
    assert kept(vendor, flag) == []


@pytest.mark.parametrize("verb", ["act", "escalate"])
def test_an_act_without_words_is_named_at_its_field(vendor: VendorWorld, verb: str) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    assert client.get(f"{DESK}{flag.id}/{verb}/").status_code == 200
    reply = client.post(f"{DESK}{flag.id}/{verb}/", {}, headers=HTMX)
    assert reply.status_code == 422
    assert f'id="{ {"act": "what", "escalate": "reason"}[verb] }-{verb}-{flag.id}_error">Say ' in reply.content.decode()


def test_the_verbs_refuse_by_themselves(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    with acting_as(vendor.actor):
        with pytest.raises(Invalid):
            actions.act(flag_id=flag.id, what=" ")
        with pytest.raises(Invalid):
            escalation.escalate(flag_id=flag.id, reason=" ")
        actions.resolve(flag_id=flag.id, **OUTCOME)
        with pytest.raises(WrongFlagState):
            actions.act(flag_id=flag.id, what=SAID)
        with pytest.raises(WrongFlagState):
            escalation.escalate(flag_id=flag.id, reason="Late.")


@pytest.mark.parametrize(("verb", "body"), [("act", {"what": SAID}), ("escalate", {"reason": "Late."})])
def test_out_of_reach_and_another_tenants_flags_are_the_same_404(
    vendor: VendorWorld, other_vendor: VendorWorld, verb: str, body: dict[str, str]
) -> None:
    client = portal(vendor, colleague_of(vendor))
    for world in (vendor, other_vendor):
        flag = raised(world)
        assert client.get(f"{DESK}{flag.id}/{verb}/").status_code == 404
        assert client.post(f"{DESK}{flag.id}/{verb}/", body).status_code == 404
        assert kept(world, flag) == []


def test_htmx_gets_the_row_anew_and_a_word_in_place_of_the_form(vendor: VendorWorld) -> None:
    flag, other = raised(vendor), raised(vendor)
    reply = portal(vendor, vendor.clinician).post(f"{DESK}{flag.id}/act/", {"what": SAID}, headers=HTMX)
    page = reply.content.decode()
    assert f'<li id="flag-{flag.id}"' in page
    assert 'hx-swap-oob="true"' in page
    assert "Kept with the flag" in page
    assert str(other.id) not in page


def test_the_desk_listens_to_the_stream_and_asks_each_minute_all_the_same(vendor: VendorWorld) -> None:
    page = shown(portal(vendor, vendor.clinician))
    assert 'sse-connect="/portal/live/"' in page
    assert 'hx-trigger="sse:crisis, sse:member, every 60s"' in page
