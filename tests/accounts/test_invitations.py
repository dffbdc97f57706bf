"""Being invited: the mail, the link that works once, an account that is new and one that is there already."""

import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts import invitations
from apps.accounts.errors import (
    InvitationNotFound,
    InvitationNotValid,
    InvitationOver,
    InvitationPending,
    InvitedAsAnother,
    WorksHereAlready,
)
from apps.accounts.models import Invitation, Membership, User
from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.people import VendorWorld
from tests.portal.people import PASSWORD, portal

Role = Membership.Role
ACCEPT = "/portal/account/invitation/"
NEW = {"name": "Dr Imani Wolde", "password": "violet otter tram seventeen"}


def invite(vendor: VendorWorld, email: str = "", roles: Iterable[str] = (Role.CLINICIAN,)) -> Invitation:
    with acting_as(system_actor(vendor.tenant.id)):
        return invitations.invite(email=email or somebody(), name="Imani Wolde", roles=list(roles))


def somebody() -> str:
    return f"imani.{secrets.token_hex(4)}@example.org"


def link_in(mail: EmailMessage) -> str:
    link = next(word for word in mail.body.split() if "/invitations/" in word)
    return "/portal/" + link.split("/portal/", 1)[1]


def roles_at(vendor: VendorWorld, user: User) -> set[str]:
    with acting_as(system_actor(vendor.tenant.id)):
        here = Membership.objects.filter(tenant_id=vendor.tenant.id, user=user, ended_at=None)
        return set(here.values_list("role", flat=True))


def account(email: str) -> User:
    return User.objects.get_by_natural_key(email)


def set_back(vendor: VendorWorld, invitation: Invitation, **moments: object) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        Invitation.objects.filter(id=invitation.id).update(**moments)


def test_whoever_is_invited_makes_an_account_by_the_link_and_signs_in(
    vendor: VendorWorld, mailoutbox: list[EmailMessage]
) -> None:
    invitation = invite(vendor, roles=[Role.CLINICIAN, Role.SUPERVISOR])
    (mail,) = mailoutbox
    assert mail.to == [invitation.email]
    assert vendor.tenant.name in mail.subject
    client = Client()
    page = client.get(link_in(mail), follow=True)
    assert page.request["PATH_INFO"] == ACCEPT
    assert vendor.tenant.name in page.content.decode()
    assert client.post(ACCEPT, NEW).headers["Location"] == "/portal/account/login/"
    user = account(invitation.email)
    assert user.name == NEW["name"]
    assert roles_at(vendor, user) == {Role.CLINICIAN, Role.SUPERVISOR}
    client.post("/portal/account/login/", {"login": user.email, "password": NEW["password"]})
    assert client.get("/portal/").headers["Location"] == "/portal/account/second-factor/"


def test_a_link_works_once_and_a_second_click_on_the_button_is_told_so(
    vendor: VendorWorld, mailoutbox: list[EmailMessage]
) -> None:
    invitation = invite(vendor)
    link = link_in(mailoutbox[0])
    first, second = Client(), Client()
    first.get(link)
    second.get(link)
    assert first.post(ACCEPT, NEW).status_code == 302
    for late in (first.post(ACCEPT, NEW), second.post(ACCEPT, NEW), Client().get(link)):
        assert late.status_code == 404
        assert "opens nothing" in late.content.decode()
    assert account(invitation.email).check_password(NEW["password"])


@pytest.mark.parametrize("made_up", ["x", "a" * 43, "%00%E2%80%AE", "<script>"])
def test_a_forged_link_opens_nothing(made_up: str) -> None:
    assert Client().get(f"/portal/account/invitations/{made_up}/").status_code == 404
    assert Client().get(ACCEPT).status_code == 404
    assert Client().post(ACCEPT, NEW).status_code == 404


def test_an_expired_a_withdrawn_and_a_replaced_link_open_nothing(
    vendor: VendorWorld, mailoutbox: list[EmailMessage]
) -> None:
    expired, withdrawn, replaced = invite(vendor), invite(vendor), invite(vendor)
    set_back(vendor, expired, expires_at=now())
    set_back(vendor, replaced, sent_at=now() - timedelta(hours=1))
    with acting_as(system_actor(vendor.tenant.id)):
        invitations.revoke(invitation_id=withdrawn.id)
        invitations.resend(invitation_id=replaced.id)
    assert [Client().get(link_in(mail)).status_code for mail in mailoutbox] == [404, 404, 404, 302]


def test_what_opened_before_it_was_withdrawn_cannot_be_accepted_after(
    vendor: VendorWorld, mailoutbox: list[EmailMessage]
) -> None:
    invitation = invite(vendor)
    client = Client()
    client.get(link_in(mailoutbox[0]))
    with acting_as(system_actor(vendor.tenant.id)):
        invitations.revoke(invitation_id=invitation.id)
        with pytest.raises(InvitationOver):
            invitations.accept(digest=bytes(invitation.digest), **NEW)
    assert client.post(ACCEPT, NEW).status_code == 404
    with pytest.raises(User.DoesNotExist):
        account(invitation.email)


def test_someone_who_works_elsewhere_signs_in_and_keeps_name_and_password(
    vendor: VendorWorld, other_vendor: VendorWorld, mailoutbox: list[EmailMessage]
) -> None:
    invite(other_vendor, email=vendor.clinician.email.upper(), roles=[Role.AUDITOR])
    client = portal(vendor, vendor.clinician)
    stranger = Client()
    assert stranger.get(link_in(mailoutbox[0]), follow=True).request["PATH_INFO"] == "/portal/account/login/"
    assert stranger.post(ACCEPT, NEW).status_code == 302
    assert roles_at(other_vendor, vendor.clinician) == set()
    client.get(link_in(mailoutbox[0]))
    assert client.post(ACCEPT).headers["Location"] == "/portal/workplaces/enter/"
    assert roles_at(other_vendor, vendor.clinician) == {Role.AUDITOR}
    assert roles_at(vendor, vendor.clinician) == {Role.CLINICIAN}
    user = account(vendor.clinician.email)
    assert (user.name, user.check_password(PASSWORD)) == (vendor.clinician.name, True)


def test_nobody_accepts_what_was_sent_to_another(
    vendor: VendorWorld, other_vendor: VendorWorld, mailoutbox: list[EmailMessage]
) -> None:
    portal(vendor, vendor.clinician)
    known, new = invite(other_vendor, email=vendor.clinician.email), invite(other_vendor)
    another = portal(vendor, vendor.admin)
    for mail in mailoutbox:
        another.get(link_in(mail))
        assert "signed in with another account" in another.post(ACCEPT, NEW).content.decode()
    with acting_as(system_actor(other_vendor.tenant.id)), pytest.raises(InvitedAsAnother):
        invitations.accept(digest=bytes(known.digest), **NEW)
    assert roles_at(other_vendor, vendor.admin) == set()
    with pytest.raises(User.DoesNotExist):
        account(new.email)


def test_a_weak_password_and_a_missing_name_are_explained_and_the_link_stays_good(
    vendor: VendorWorld, mailoutbox: list[EmailMessage]
) -> None:
    invite(vendor)
    client = Client()
    client.get(link_in(mailoutbox[0]))
    refused = client.post(ACCEPT, {"name": "Imani", "password": "password"})
    assert refused.status_code == 422
    assert "at least 12 characters" in refused.content.decode()
    assert client.post(ACCEPT, {"name": "", "password": NEW["password"]}).status_code == 422
    assert client.post(ACCEPT, NEW).status_code == 302


def test_the_token_is_neither_kept_nor_logged(
    vendor: VendorWorld, mailoutbox: list[EmailMessage], caplog: pytest.LogCaptureFixture
) -> None:
    invitation = invite(vendor)
    link = link_in(mailoutbox[0])
    token = link.split("/")[-2]
    client = Client()
    with caplog.at_level(logging.DEBUG):
        arrived = client.get(link)
        client.get(arrived.headers["Location"])
        Client().get("/portal/account/password/reset/key/abc-secret-of-a-reset/")
    assert arrived.headers["Referrer-Policy"] == "no-referrer"
    assert token not in caplog.text + str(dict(client.session)) + str(vars(invitation))
    assert "/portal/account/invitations/..." in caplog.text
    assert "secret-of-a-reset" not in caplog.text


def test_html_in_names_is_text(vendor: VendorWorld, mailoutbox: list[EmailMessage]) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        invitations.invite(email=somebody(), name="<b>Imani & Co", roles=[Role.ADMIN])
    assert "<b>Imani & Co" in mailoutbox[0].body
    page = Client().get(link_in(mailoutbox[0]), follow=True).content.decode()
    assert "&lt;b&gt;Imani &amp; Co" in page
    assert "<b>Imani" not in page


@pytest.mark.parametrize(
    ("email", "name", "roles", "field"),
    [
        ("not an email", "Imani", [Role.CLINICIAN], "email"),
        (f"{'a' * 250}@example.org", "Imani", [Role.CLINICIAN], "email"),
        ("imani@example.org", " ", [Role.CLINICIAN], "name"),
        ("imani@example.org", "Imani\x00", [Role.CLINICIAN], "name"),
        ("imani@example.org", "Imani", [], "roles"),
        ("imani@example.org", "Imani", ["janitor"], "roles"),
        ("imani@example.org", "Imani", [Role.OPERATOR], "roles"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused_where_it_does_not(
    vendor: VendorWorld, email: str, name: str, roles: list[str], field: str
) -> None:
    with acting_as(system_actor(vendor.tenant.id)), pytest.raises(InvitationNotValid) as refused:
        invitations.invite(email=email, name=name, roles=roles)
    assert set(refused.value.fields) == {field}


def test_nobody_is_invited_twice_at_once_or_where_they_work(vendor: VendorWorld) -> None:
    invitation = invite(vendor)
    with pytest.raises(InvitationPending):
        invite(vendor, email=invitation.email)
    with acting_as(system_actor(vendor.tenant.id)), pytest.raises(InvitationPending):
        invitations.resend(invitation_id=invitation.id)
    with pytest.raises(WorksHereAlready):
        invite(vendor, email=vendor.clinician.email)
    set_back(vendor, invitation, expires_at=now())
    assert invite(vendor, email=invitation.email).id != invitation.id


def test_another_tenant_neither_sees_nor_touches_an_invitation(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    invitation = invite(vendor)
    with acting_as(system_actor(other_vendor.tenant.id)):
        assert not Invitation.objects.filter(id=invitation.id).exists()
        for verb in (invitations.resend, invitations.revoke):
            with pytest.raises(InvitationNotFound):
                verb(invitation_id=invitation.id)
    with transaction.atomic():
        assert not Invitation.objects.exists()


def test_a_suspended_organisation_takes_nobody_on(vendor: VendorWorld, mailoutbox: list[EmailMessage]) -> None:
    invite(vendor)
    with acting_as(system_actor(PLATFORM_ID)):
        accounts.suspend(tenant_id=vendor.tenant.id)
    assert Client().get(link_in(mailoutbox[0])).status_code == 404


def test_what_is_done_with_an_invitation_is_recorded_without_the_email(
    vendor: VendorWorld, mailoutbox: list[EmailMessage]
) -> None:
    invitation = invite(vendor)
    client = Client()
    client.get(link_in(mailoutbox[0]))
    client.post(ACCEPT, NEW)
    with acting_as(system_actor(vendor.tenant.id)):
        found = Record.objects.filter(tenant_id=vendor.tenant.id, rows__contains=[invitation.id]).order_by("id")
        assert [each.action for each in found] == ["staff.invited", "staff.invitation_accepted"]
        assert invitation.email not in str([each.details for each in found])
