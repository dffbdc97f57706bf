"""The lock: when it comes, what puts it off, and what opens it again in place."""

import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from apps.accounts import sign_in
from apps.accounts.models import User
from apps.accounts.sign_in import LOCKS_IN, SEEN
from tests.people import VendorWorld
from tests.portal.people import PASSWORD, portal
from tests.portal.test_sign_in import code_of

UNLOCK, ALIVE, LOCK = "/portal/unlock/", "/portal/alive/", "/portal/lock/"
HTMX = {"HX-Request": "true"}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def idle(client: Client, minutes: float) -> None:
    session = client.session
    session[SEEN] = int(time.time() - minutes * 60)
    session.save()


def is_locked(client: Client) -> bool:
    return client.get("/portal/caseload/", headers=HTMX).status_code == 423


def enrol(user: User) -> list[str]:
    """TOTP by `SECRET`; returns the recovery codes."""
    with transaction.atomic():
        sign_in.open_own(user.id)
        TOTP.activate(user, SECRET)
        codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
        return codes


def test_answers_say_how_long_until_the_lock(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    idle(client, 0.4)
    reply = client.get("/portal/caseload/")
    assert 0 < int(reply.headers[LOCKS_IN]) <= 15 * 60 - 24
    assert f'data-locks-in="{reply.headers[LOCKS_IN]}"' in reply.content.decode()


def test_a_sign_of_life_puts_the_lock_off_but_does_not_undo_it(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    idle(client, 14)
    reply = client.post(ALIVE, headers=HTMX)
    assert reply.status_code == 204
    assert int(reply.headers[LOCKS_IN]) > 14 * 60
    idle(client, 16)
    assert client.post(ALIVE, headers=HTMX).status_code == 423
    assert is_locked(client)


def test_locking_by_hand_locks_at_once_and_leads_back(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    reply = client.post(LOCK, headers={"Referer": "http://testserver/portal/caseload/?page=2"})
    assert reply.headers["Location"] == f"{UNLOCK}?next=%2Fportal%2Fcaseload%2F%3Fpage%3D2"
    assert is_locked(client)
    client = portal(vendor, vendor.clinician)
    assert client.post(LOCK, headers=HTMX).headers["HX-Trigger"] == "locked"
    assert is_locked(client)
    assert Client().post(LOCK).headers["Location"].startswith("/portal/account/login/")


def test_where_a_second_factor_is_enrolled_the_password_alone_opens_nothing(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    enrol(vendor.clinician)
    idle(client, 16)
    assert 'name="code"' in client.get(UNLOCK, headers=HTMX).content.decode()
    for code in ("", "000000"):
        reply = client.post(UNLOCK, {"password": PASSWORD, "code": code}, headers=HTMX)
        assert reply.status_code == 422
        assert is_locked(client)
    wrong = client.post(UNLOCK, {"password": "not this", "code": code_of(SECRET)}, headers=HTMX)
    assert wrong.status_code == 422
    cache.clear()
    opened = client.post(UNLOCK, {"password": PASSWORD, "code": code_of(SECRET)}, headers=HTMX)
    assert (opened.status_code, opened.headers["HX-Trigger"]) == (200, "unlocked")
    assert int(opened.headers[LOCKS_IN]) > 14 * 60
    assert not is_locked(client)


def test_a_recovery_code_opens_once(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    code = enrol(vendor.clinician)[0]
    for status in (302, 422):
        idle(client, 16)
        assert client.post(UNLOCK, {"password": PASSWORD, "code": code}).status_code == status


@pytest.mark.parametrize("credential", ["{}", "[]", "null", "not json", '{"id": "x", "rawId": "x", "type": "y"}'])
def test_a_made_up_answer_of_a_passkey_opens_nothing(vendor: VendorWorld, credential: str) -> None:
    client = portal(vendor, vendor.clinician)
    enrol(vendor.clinician)
    idle(client, 16)
    reply = client.post(UNLOCK, {"password": PASSWORD, "credential": credential}, headers=HTMX)
    assert reply.status_code == 422
    assert is_locked(client)
