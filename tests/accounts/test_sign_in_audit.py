"""What stands in the audit of a sign-in, of a refused one, and of changes to how someone comes in."""

import secrets
import uuid
from collections.abc import Iterable

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client, RequestFactory

from apps.accounts import actions as accounts
from apps.accounts import sign_in, sign_in_audit
from apps.accounts.models import Membership, User
from apps.audit.models import Record
from apps.core.actor import SYSTEM_ID, system_actor
from apps.core.ids import uuid7
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.people import VendorWorld
from tests.portal.people import PASSWORD, give_password, portal
from tests.portal.test_sign_in import code_of

LOGIN = "/portal/account/login/"
WRONG = "not this one at all"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def records(tenant_id: uuid.UUID, user: User, but: Iterable[str] = ("account.entered",)) -> list[Record]:
    with acting_as(system_actor(tenant_id)):
        found = Record.objects.filter(tenant_id=tenant_id, action__startswith="account.", rows__contains=[user.id])
        return list(found.exclude(action__in=[*but, "account.password_set"]).order_by("id"))


def actions(vendor: VendorWorld, user: User) -> list[str]:
    return [each.action for each in records(vendor.tenant.id, user)]


def test_coming_in_and_leaving_are_recorded_where_the_person_works(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    with acting_as(system_actor(other_vendor.tenant.id)):
        accounts.add_staff(email=vendor.clinician.email, name="x", role=Membership.Role.AUDITOR)
    client = portal(vendor, vendor.clinician)
    client.post("/portal/account/logout/")
    for place in (vendor, other_vendor):
        assert actions(place, vendor.clinician) == ["account.signed_in", "account.signed_out"]
    first = records(vendor.tenant.id, vendor.clinician)[0]
    assert (first.actor_id, first.address, first.door) == (vendor.clinician.id, "127.0.0.1", "portal")


def test_a_refused_password_is_recorded_as_nobodys(vendor: VendorWorld) -> None:
    give_password(vendor.clinician)
    Client().post(LOGIN, {"login": vendor.clinician.email, "password": WRONG})
    (record,) = records(vendor.tenant.id, vendor.clinician)
    assert (record.action, record.actor_id, record.actor_name) == ("account.sign_in_failed", SYSTEM_ID, "Unknown")
    assert record.details == {}


def test_an_email_that_nobody_has_is_recorded_at_the_platform_and_not_readable() -> None:
    tried = f"{secrets.token_hex(6)}@example.org"
    since = uuid7()
    for _ in range(2):
        Client().post(LOGIN, {"login": tried.upper(), "password": WRONG})
    with acting_as(system_actor(PLATFORM_ID)):
        found = list(Record.objects.filter(tenant_id=PLATFORM_ID, action="account.sign_in_failed", id__gt=since))
    assert len(found) == 2
    assert len({each.details["email_token"] for each in found}) == 1
    assert tried not in str([vars(each) for each in found])


def test_a_lock_out_is_recorded_once_however_often_it_is_run_into(vendor: VendorWorld) -> None:
    give_password(vendor.clinician)
    for _ in range(9):
        Client().post(LOGIN, {"login": vendor.clinician.email, "password": WRONG})
    found = actions(vendor, vendor.clinician)
    assert found.count("account.locked_out") == 1
    assert found[-1] == "account.locked_out"


def test_recording_a_refusal_opens_nothing_to_the_rest_of_its_request(vendor: VendorWorld, rf: RequestFactory) -> None:
    with transaction.atomic():
        sign_in_audit.failed(rf.post(LOGIN), vendor.clinician.email)
        assert not User.objects.filter(id=vendor.clinician.id).exists()
        assert not Membership.objects.exists()
    assert actions(vendor, vendor.clinician) == ["account.sign_in_failed"]


def test_a_second_factor_that_is_added_refused_or_removed_is_recorded(vendor: VendorWorld) -> None:
    user = give_password(vendor.clinician)
    client = Client()
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    page = client.get("/portal/account/second-factor/totp/activate/")
    client.post("/portal/account/second-factor/totp/activate/", {"code": code_of(page.context["form"].secret)})
    another = Client()
    another.post(LOGIN, {"login": user.email, "password": PASSWORD})
    another.post("/portal/account/second-factor/authenticate/", {"code": "000000"})
    client.post("/portal/account/second-factor/totp/deactivate/")
    found = actions(vendor, user)
    assert found.count("account.second_factor_added") == 2
    assert "account.second_factor_failed" in found
    assert "account.second_factor_removed" in found
    types = {each.details.get("type") for each in records(vendor.tenant.id, user)}
    assert types >= {"totp", "recovery_codes"}
    assert not {"code", "secret"} & {key for each in records(vendor.tenant.id, user) for key in each.details}


def test_a_sign_in_with_a_factor_counts_once_it_is_shown(vendor: VendorWorld) -> None:
    user = give_password(vendor.clinician)
    with transaction.atomic():
        sign_in.open_own(user.id)
        TOTP.activate(user, SECRET)
    client = Client()
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert actions(vendor, user) == []
    client.post("/portal/account/second-factor/authenticate/", {"code": code_of(SECRET)})
    assert actions(vendor, user) == ["account.signed_in"]


def test_a_reset_is_recorded(vendor: VendorWorld, mailoutbox: list[EmailMessage]) -> None:
    give_password(vendor.clinician)
    client = Client()
    client.post("/portal/account/password/reset/", {"email": vendor.clinician.email})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    form = client.get(link.removeprefix("http://testserver"), follow=True)
    new = "a wholly different phrase"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    with acting_as(system_actor(vendor.tenant.id)):
        assert Record.objects.filter(action="account.password_set", rows=[vendor.clinician.id], door="portal").exists()


def test_a_wrong_password_at_the_lock_and_at_the_glass_is_recorded(vendor: VendorWorld) -> None:
    colleague = vendor.admin
    client = portal(vendor, vendor.clinician)
    client.post("/portal/unlock/", {"password": WRONG})
    assert "account.unlock_failed" in actions(vendor, vendor.clinician)
    with acting_as(system_actor(vendor.tenant.id)):
        accounts.add_staff(email=colleague.email, name="x", role=Membership.Role.CLINICIAN)
    member = vendor.member()
    other = portal(vendor, colleague)
    glass = f"/portal/members/{member.person_id}/break-glass/"
    other.post(glass, {"reason": "Covering the ward tonight", "password": WRONG})
    assert "account.unlock_failed" in actions(vendor, colleague)
