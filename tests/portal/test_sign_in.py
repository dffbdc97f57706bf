"""Signing in to the portal: who comes in, what a stranger learns, and what stands between a session and a page."""

import secrets
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts import actions as accounts
from apps.accounts import sign_in
from apps.accounts.sign_in import SEEN
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.people import VendorWorld
from tests.portal.people import PASSWORD, give_password, portal

LOGIN = "/portal/account/login/"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def sign_in_as(email: str, password: str) -> Client:
    client = Client()
    client.post(LOGIN, {"login": email, "password": password})
    return client


def test_someone_with_password_and_workplace_arrives_at_their_first_page(
    vendor: VendorWorld, settings: Settings
) -> None:
    settings.REQUIRE_MFA = False
    give_password(vendor.clinician)
    reply = Client().post(LOGIN, {"login": vendor.clinician.email, "password": PASSWORD}, follow=True)
    assert reply.status_code == 200
    assert reply.request["PATH_INFO"] == "/portal/"
    assert reply.headers["Cache-Control"] == "no-store, private"


def test_a_wrong_password_and_an_unknown_account_read_the_same(vendor: VendorWorld) -> None:
    give_password(vendor.clinician)
    wrong = Client().post(LOGIN, {"login": vendor.clinician.email, "password": "not this one at all"})
    unknown = Client().post(LOGIN, {"login": f"{secrets.token_hex(4)}@example.org", "password": "not this one at all"})
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_guessing_is_throttled(vendor: VendorWorld) -> None:
    give_password(vendor.clinician)
    for _ in range(6):
        reply = Client().post(LOGIN, {"login": vendor.clinician.email, "password": "not this one at all"})
    reply = Client().post(LOGIN, {"login": vendor.clinician.email, "password": PASSWORD})
    assert "_auth_user_id" not in reply.client.session


def test_a_page_sends_a_stranger_to_sign_in_and_never_swaps_it_into_a_fragment() -> None:
    assert Client().get("/portal/caseload/").headers["Location"] == f"{LOGIN}?next=/portal/caseload/"
    fragment = Client().get("/portal/caseload/", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == f"{LOGIN}?next=/portal/caseload/"
    assert fragment.content == b""


def test_without_a_second_factor_no_page_opens_until_one_is_enrolled(vendor: VendorWorld) -> None:
    give_password(vendor.clinician)
    client = sign_in_as(vendor.clinician.email, PASSWORD)
    assert client.get("/portal/").headers["Location"] == "/portal/account/second-factor/"
    page = client.get("/portal/account/second-factor/totp/activate/")
    secret = page.context["form"].secret
    reply = client.post("/portal/account/second-factor/totp/activate/", {"code": code_of(secret)}, follow=True)
    assert reply.status_code == 200
    assert client.get("/portal/workplaces/enter/").headers["Location"] == "/portal/"
    assert client.get("/portal/").status_code == 200


def test_the_next_sign_in_asks_for_the_second_factor_whose_secret_is_sealed(vendor: VendorWorld) -> None:
    user = give_password(vendor.clinician)
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    with transaction.atomic():
        sign_in.open_own(user.id)
        TOTP.activate(user, secret)
        assert secret not in str(Authenticator.objects.get(user=user).data)
    client = Client()
    reply = client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert reply.headers["Location"] == "/portal/account/second-factor/authenticate/"
    assert client.get("/portal/").status_code == 302
    client.post("/portal/account/second-factor/authenticate/", {"code": code_of(secret)})
    assert client.get("/portal/workplaces/enter/").headers["Location"] == "/portal/"


def test_nobody_sees_the_authenticators_of_another_account(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    with transaction.atomic():
        sign_in.open_own(vendor.clinician.id)
        TOTP.activate(vendor.clinician, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    with transaction.atomic():
        sign_in.open_own(other_vendor.clinician.id)
        assert not Authenticator.objects.exists()
    assert not Authenticator.objects.exists()


def test_a_page_left_alone_locks_and_its_own_password_opens_it_again(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    session = client.session
    session[SEEN] = int(time.time()) - 16 * 60
    session.save()
    locked = client.get("/portal/caseload/", headers={"HX-Request": "true"})
    assert (locked.status_code, locked.headers["HX-Trigger"], locked.content) == (423, "locked", b"")
    assert client.get("/portal/caseload/").headers["Location"] == "/portal/unlock/?next=/portal/caseload/"
    assert client.get("/portal/account/sessions/").headers["Location"] == "/portal/unlock/"
    assert client.post("/portal/unlock/", {"password": "wrong"}).status_code == 422
    assert client.get("/portal/caseload/").status_code == 302
    assert client.post("/portal/unlock/", {"password": PASSWORD, "next": "/portal/caseload/"}).status_code == 302
    assert client.get("/portal/caseload/").status_code == 200


def test_the_way_back_after_unlocking_leads_nowhere_else(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    reply = client.post("/portal/unlock/", {"password": PASSWORD, "next": "https://elsewhere.example.org/"})
    assert reply.headers["Location"] == "/portal/home/"


def test_whoever_is_suspended_or_no_longer_employed_is_out_at_the_next_page(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    assert client.get("/portal/").status_code == 200
    with acting_as(system_actor(PLATFORM_ID)):
        accounts.suspend(tenant_id=vendor.tenant.id)
    out = client.get("/portal/", follow=True)
    assert out.request["PATH_INFO"] == "/portal/workplaces/"
    assert "No organisation that is active employs you" in out.content.decode()


def test_signing_in_on_the_way_to_a_page_leads_there(vendor: VendorWorld, settings: Settings) -> None:
    settings.REQUIRE_MFA = False
    give_password(vendor.clinician)
    way = {"login": vendor.clinician.email, "password": PASSWORD, "next": "/portal/caseload/"}
    client = Client()
    assert client.post(LOGIN, way).headers["Location"] == "/portal/caseload/"
    enter = client.get("/portal/caseload/").headers["Location"]
    assert client.get(enter).headers["Location"] == "/portal/caseload/"
    assert client.get("/portal/caseload/").status_code == 200


def test_a_forgotten_password_is_set_anew_by_the_link_in_the_mail(
    vendor: VendorWorld, mailoutbox: list[EmailMessage]
) -> None:
    give_password(vendor.clinician)
    client = Client()
    client.post("/portal/account/password/reset/", {"email": vendor.clinician.email})
    client.post("/portal/account/password/reset/", {"email": f"{secrets.token_hex(4)}@example.org"})
    (mail,) = mailoutbox
    link = next(word for word in mail.body.split() if "/password/reset/key/" in word)
    form = client.get(link.removeprefix("http://testserver"), follow=True)
    new = "a wholly different phrase"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    assert "_auth_user_id" not in sign_in_as(vendor.clinician.email, PASSWORD).session
    assert "_auth_user_id" in sign_in_as(vendor.clinician.email, new).session


@pytest.mark.parametrize("page", ["signup/", "email/", "password/set/", "second-factor/webauthn/login/"])
def test_no_page_of_an_account_is_open_that_nobody_needs(page: str) -> None:
    assert Client().get(f"/portal/account/{page}").status_code == 404


def code_of(secret: str) -> str:
    code: str = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    return code
