"""Whose notes need whose co-signature: who decides, and what it asks for from then on."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts.models import Membership
from apps.audit.models import Record
from apps.core.clock import now, telling_of
from apps.notes.models import CosigningRule, CosignRequest
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.notes.people import needs_cosigning, rule, staff, supervisor_of
from tests.notes.test_pages import Desk
from tests.people import VendorWorld
from tests.portal.people import portal

RULES = "/portal/notes/cosigning/"


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


def admin(desk: Desk) -> Client:
    return portal(desk.vendor, desk.vendor.admin)


def asked(desk: Desk) -> list[str]:
    with acting_as(desk.vendor.actor):
        return [str(each.cosigner_id) for each in CosignRequest.objects.oldest_first()]


def sign_one(desk: Desk) -> None:
    desk.sign(
        desk.write({"body": "as heard"}, f"{('progress', 'intake', 'discharge', 'free_text')[len(desk.notes())]}")
    )


def test_an_administrator_makes_changes_and_ends_a_rule(desk: Desk) -> None:
    supervisor = supervisor_of(desk.vendor)
    assert "No co-signature needed" in admin(desk).get(RULES).content.decode()
    assert rule(admin(desk), desk.vendor.clinician, supervisor) == 302
    assert "Every note, by Dr Mara Lindqvist" in admin(desk).get(RULES).content.decode()
    assert rule(admin(desk), desk.vendor.clinician, supervisor, share=20, last_day="2199-01-31") == 302
    page = admin(desk).get(RULES).content.decode()
    assert "20 % of notes, by Dr Mara Lindqvist, until 31 Jan 2199" in page
    assert rule(admin(desk), desk.vendor.clinician, None) == 302
    with acting_as(desk.vendor.actor):
        assert not CosigningRule.objects.exists()
        actions = list(Record.objects.filter(action__startswith="cosigning.").values_list("action", flat=True))
    assert sorted(actions) == ["cosigning.rule_ended", "cosigning.rule_set", "cosigning.rule_set"]


def test_it_holds_for_what_is_signed_from_then_on_and_what_waits_goes_on_waiting(desk: Desk) -> None:
    sign_one(desk)
    supervisor = needs_cosigning(desk.vendor)
    assert asked(desk) == []
    sign_one(desk)
    assert asked(desk) == [str(supervisor.id)]
    rule(admin(desk), desk.vendor.clinician, None)
    sign_one(desk)
    assert asked(desk) == [str(supervisor.id)]
    page = admin(desk).get(RULES).content.decode()
    assert "1 waits" in page


def test_what_waits_passes_to_the_next_supervisor(desk: Desk) -> None:
    needs_cosigning(desk.vendor)
    sign_one(desk)
    following = supervisor_of(desk.vendor, "Dr Next")
    assert rule(admin(desk), desk.vendor.clinician, following) == 302
    assert asked(desk) == [str(following.id)]


def test_a_share_is_drawn_by_lot_and_a_last_day_counts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor = supervisor_of(desk.vendor)
    rule(admin(desk), desk.vendor.clinician, supervisor, share=20)
    for drawn, waiting in ((20, 0), (19, 1)):
        monkeypatch.setattr("apps.notes.cosigning.secrets.randbelow", lambda _, drawn=drawn: drawn)
        sign_one(desk)
        assert len(asked(desk)) == waiting
    day = (now() + timedelta(days=3)).date()
    rule(admin(desk), desk.vendor.clinician, supervisor, last_day=day.isoformat())
    with acting_as(desk.vendor.actor):
        ends_at = CosigningRule.objects.get().ends_at
    assert ends_at is not None
    assert (ends_at - timedelta(seconds=1)).date() == day
    with telling_of(ends_at):
        sign_one(desk)
    assert len(asked(desk)) == 1


def test_a_supervisor_decides_for_those_supervised_and_for_nobody_else(desk: Desk) -> None:
    supervisor = supervisor_of(desk.vendor)
    other = staff(desk.vendor, "Kim Rao", Membership.Role.CLINICIAN)
    client = portal(desk.vendor, supervisor)
    assert "You do not supervise Kim Rao" in client.get(RULES).content.decode()
    assert rule(client, desk.vendor.clinician, supervisor) == 302
    assert rule(client, other, supervisor) == 403
    assert rule(client, supervisor, supervisor) == 403


def test_the_co_signer_is_who_supervises(desk: Desk) -> None:
    other = staff(desk.vendor, "Dr Else", Membership.Role.SUPERVISOR)
    assert rule(admin(desk), desk.vendor.clinician, other) == 422
    page = admin(desk).get(RULES).content.decode()
    assert "Name a supervisor under Staff first" in page


def test_nobody_else_decides_and_nonsense_changes_nothing(desk: Desk, other_vendor: VendorWorld) -> None:
    supervisor = supervisor_of(desk.vendor)
    assert desk.client.get(RULES).status_code == 403
    assert rule(desk.client, desk.vendor.clinician, supervisor) == 403
    assert rule(admin(desk), other_vendor.clinician, supervisor) == 404
    for share in (0, 101):
        assert rule(admin(desk), desk.vendor.clinician, supervisor, share=share) == 422
    assert rule(admin(desk), desk.vendor.clinician, supervisor, last_day="2020-01-01") == 422
    with acting_as(desk.vendor.actor):
        assert not CosigningRule.objects.exists()


def test_the_page_stays_in_the_budget(desk: Desk) -> None:
    needs_cosigning(desk.vendor)
    for number in range(4):
        staff(desk.vendor, f"Dr {number}", Membership.Role.CLINICIAN)
    sign_one(desk)
    client = admin(desk)
    assert len(statements(lambda: client.get(RULES).status_code, 200)) <= 12
