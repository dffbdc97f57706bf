"""Every address of the portal, walked in every role, from outside, and with somebody else's ids."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts import actions as accounts
from apps.accounts.models import Membership, User
from apps.accounts.pages import PAGES, Opened
from apps.accounts.sign_in import SEEN
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from tests.people import VendorWorld, make_vendor
from tests.portal.one_of_each import nothing, one_of_each
from tests.portal.people import portal

Role = Membership.Role
HTMX = {"HX-Request": "true"}
# Whoever has no workplace yet, or is locked out of it, must be able to reach these; each guards itself, as does the
# stream, which is no page.
AT_THE_DOOR = {
    "portal/appearance/",
    "portal/live/",
    "portal/lock/",
    "portal/unlock/",
    "portal/workplaces/",
    "portal/workplaces/enter/",
}
# The person's own account is not a workplace's: allauth guards these.
ACCOUNT = "portal/account/"
# The gallery is for those who build the portal, and a draft is not there to be co-signed.
NOT_NOW = {"portal/components/", "portal/members/<uuid:member_id>/notes/<uuid:note_id>/cosign/"}
MOST_STATEMENTS = 12
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    path: str
    opened: Opened

    def __str__(self) -> str:
        return self.path

    @property
    def names(self) -> set[str]:
        return set(PARAMETER.findall(self.path))

    def at(self, ids: dict[str, str]) -> str:
        """Its URL for these ids. A name that is missing wants its row in `one_of_each`."""
        return "/" + PARAMETER.sub(lambda found: ids[found[1]], self.path)


def addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each, path)
        else:
            yield path, each


def page_in(view: Any) -> Opened | None:
    """What `page` opened, also below another decorator."""
    while view not in PAGES and hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return PAGES.get(view)


BELOW = [(path, each) for path, each in addresses(get_resolver()) if path.startswith("portal/")]
WALKED = [Address(path, opened) for path, each in BELOW if (opened := page_in(each.callback))]
NAMING = [each for each in WALKED if each.names]
READ = [each for each in WALKED if "GET" in each.opened.methods]


def test_every_address_is_a_page_that_says_for_whom_it_is() -> None:
    unguarded = {path for path, each in BELOW if not page_in(each.callback) and not path.startswith(ACCOUNT)}
    assert unguarded == AT_THE_DOOR
    assert len(WALKED) > 15


@pytest.fixture(scope="module")
def home() -> VendorWorld:
    return make_vendor()


@pytest.fixture(scope="module")
def own(home: VendorWorld) -> dict[str, str]:
    return one_of_each(home)


@pytest.fixture(scope="module")
def foreign() -> dict[str, str]:
    return one_of_each(make_vendor())


@pytest.fixture(scope="module")
def staff(home: VendorWorld) -> dict[str, Client]:
    """A browser of each role: who treats the member, who supervises them, and the others."""
    colleagues = {role: colleague(home, role) for role in (Role.SUPERVISOR, Role.AUDITOR)}
    with acting_as(system_actor(home.tenant.id)):
        treating = Membership.objects.filter(tenant_id=home.tenant.id, user=home.clinician)
        treating.update(supervisor=colleagues[Role.SUPERVISOR])
    people = {Role.CLINICIAN: home.clinician, Role.ADMIN: home.admin, **colleagues}
    return {role: portal(home, user) for role, user in people.items()}


@pytest.fixture(scope="module")
def stranger_within(home: VendorWorld) -> Client:
    """A clinician of the same vendor who does not treat the member."""
    return portal(home, colleague(home, Role.CLINICIAN))


@pytest.fixture(scope="module")
def locked(home: VendorWorld) -> Client:
    """A browser whose person has been away for longer than the lock waits."""
    client = portal(home, home.clinician)
    session = client.session
    session[SEEN] = int(time.time()) - settings.IDLE_LOCK_SECONDS - 1
    session.save()
    return client


def colleague(vendor: VendorWorld, role: Membership.Role) -> User:
    with acting_as(system_actor(vendor.tenant.id)):
        return accounts.add_staff(email=f"{role}-{vendor.tenant.slug}@example.org", name="Kim Rao", role=role)


def method_of(address: Address) -> str:
    return "GET" if "GET" in address.opened.methods else address.opened.methods[0]


@pytest.mark.parametrize("address", WALKED, ids=str)
def test_an_outsider_is_sent_to_the_sign_in_and_a_fragment_never_holds_it(
    address: Address, own: dict[str, str]
) -> None:
    page = Client().generic(method_of(address), address.at(own))
    fragment = Client().generic(method_of(address), address.at(own), headers=HTMX)
    assert (page.status_code, page.headers["Location"].split("?")[0]) == (302, "/portal/account/login/")
    assert (fragment.status_code, fragment.content) == (200, b"")
    assert fragment.headers["HX-Redirect"].startswith("/portal/account/login/")


@pytest.mark.parametrize("address", WALKED, ids=str)
def test_a_locked_session_opens_nothing(address: Address, own: dict[str, str], locked: Client) -> None:
    page = locked.generic(method_of(address), address.at(own))
    fragment = locked.generic(method_of(address), address.at(own), headers=HTMX)
    assert (page.status_code, page.headers["Location"].split("?")[0]) == (302, "/portal/unlock/")
    assert (fragment.status_code, fragment.content) == (423, b"")


@pytest.mark.parametrize("address", WALKED, ids=str)
def test_a_role_that_the_page_is_not_for_is_refused(
    address: Address, own: dict[str, str], staff: dict[str, Client]
) -> None:
    for role, client in staff.items():
        if role in address.opened.roles:
            continue
        for method in address.opened.methods:
            answer = client.generic(method, address.at(own))
            assert answer.status_code == 403, (role, method)
            assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("address", READ, ids=str)
def test_whoever_it_is_for_reads_it_within_the_budget(
    address: Address, own: dict[str, str], staff: dict[str, Client]
) -> None:
    for role in sorted(address.opened.roles & staff.keys()):
        with CaptureQueriesContext(connection) as captured:
            answer = staff[role].get(address.at(own))
        sent = [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
        assert answer.status_code in {200, 302, 409} or address.path in NOT_NOW, role
        assert "no-store" in answer.headers["Cache-Control"]
        assert len(sent) <= MOST_STATEMENTS, (role, "\n".join(sent))


@pytest.mark.parametrize("address", NAMING, ids=str)
def test_what_another_vendor_has_is_the_same_as_what_nobody_has(
    address: Address, foreign: dict[str, str], staff: dict[str, Client]
) -> None:
    for role in sorted(address.opened.roles & staff.keys()):
        for method in address.opened.methods:
            theirs, none = ask(staff[role], method, address, foreign), ask(staff[role], method, address, nothing())
            assert theirs == none
            assert theirs[0] == 404, (role, method)


def ask(client: Client, method: str, address: Address, ids: dict[str, str]) -> tuple[int, str]:
    """The answer without what differs from one to the next anyhow: its tokens, and the ids asked for."""
    answer = client.generic(method, address.at(ids))
    text = re.sub(
        r'data-(?:rendered-at|locks-in)="\d+"|name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"',
        "",
        answer.content.decode(),
    )
    for name, value in ids.items():
        text = text.replace(value, name)
    return answer.status_code, text


@pytest.mark.parametrize("address", NAMING, ids=str)
def test_a_clinician_who_does_not_treat_the_member_learns_nothing_and_changes_nothing(
    address: Address, home: VendorWorld, own: dict[str, str], stranger_within: Client
) -> None:
    name = home.clinician.name
    for method in address.opened.methods:
        answer = stranger_within.generic(method, address.at(own))
        assert answer.status_code in {403, 404} or address.path.endswith("break-glass/"), method
        assert "Quill" not in answer.content.decode()
        assert name not in answer.content.decode() or address.path.endswith("break-glass/")
