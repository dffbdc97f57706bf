"""What stands around every page: where its links lead, how it looks, and what it weighs."""

import gzip
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts import actions as accounts
from apps.accounts.models import Membership
from apps.core.actor import system_actor
from apps.events.stream import KINDS
from apps.portal.navigation import SECTIONS
from apps.stack.places import PROJECT_ROOT
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.crisis.test_desk import raised
from tests.people import VendorWorld
from tests.portal.people import portal

HTMX = {"HX-Request": "true"}
FIRST_LOAD_BYTES = 120_000
SWAP_BYTES = 15_000
GALLERY = PROJECT_ROOT / "templates" / "portal" / "components.html"
STYLESHEET = PROJECT_ROOT / "static" / "css" / "throughline.css"
SCRIPTS = PROJECT_ROOT / "static" / "js"


def weight(client: Client, url: str) -> int:
    """HTML, CSS and JavaScript of a page, compressed, with the modules that its scripts import."""
    page = client.get(url)
    assert page.status_code == 200
    linked = set(re.findall(r'(?:src|href)="/static/([^"]+\.(?:js|css))"', page.content.decode()))
    for name in [*linked]:
        linked |= {f"js/{other}" for other in re.findall(r'from "\./([^"]+)"', source(name).decode())}
    return len(gzip.compress(page.content)) + sum(len(gzip.compress(source(name))) for name in linked)


def source(name: str) -> bytes:
    path = finders.find(name)
    assert path, f"{name} is linked and is not there"
    with open(path, "rb") as file:
        return file.read()


def test_first_loads_and_swaps_stay_in_their_budget(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    for _ in range(25):
        member_id = raised(vendor).member_id
    pages = ("", "caseload/", "crisis/", f"members/{member_id}/", f"members/{member_id}/notes/new/")
    heavy = {url: weight(client, f"/portal/{url}") for url in pages}
    assert max(heavy.values()) <= FIRST_LOAD_BYTES, heavy
    swaps = {"/portal/caseload/?page=1": "rows", "/portal/find/?q=ada": "found", "/portal/crisis/flags/": "flags"}
    for url, target in swaps.items():
        reply = client.get(url, headers={**HTMX, "HX-Target": target})
        assert len(gzip.compress(reply.content)) <= SWAP_BYTES, url


def test_no_page_asks_another_site_for_anything(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    for url in ("/portal/", "/portal/crisis/", "/portal/account/sessions/"):
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//', client.get(url).content.decode()) == []


def test_the_first_page_is_the_first_section_of_the_role(vendor: VendorWorld) -> None:
    assert portal(vendor, vendor.clinician).get("/portal/home/").headers["Location"] == "/portal/"
    assert Client().get("/").headers["Location"] == "/portal/home/"


def test_whoever_has_no_section_is_told_what_there_is(vendor: VendorWorld) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        auditor = accounts.add_staff(
            email=f"auditor-{vendor.tenant.slug}@example.org", name="Ina Voss", role=Membership.Role.AUDITOR
        )
    home = portal(vendor, auditor).get("/portal/home/", follow=True)
    assert home.status_code == 200
    assert "Ina Voss" in home.content.decode()


def test_everyone_reaches_every_link_of_the_frame(vendor: VendorWorld) -> None:
    for user in (vendor.clinician, vendor.admin):
        client = portal(vendor, user)
        page = client.get("/portal/home/", follow=True).content.decode()
        rail = page[page.index('class="rail"') : page.index("</header>")]
        links = set(re.findall(r'href="(/[^"#]*)"', rail))
        assert len(links) >= 6
        for link in links:
            assert client.get(link, follow=True).status_code == 200, link


@pytest.mark.parametrize(
    ("chosen", "shown"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("", "")]
)
def test_the_chosen_appearance_is_in_the_first_byte(vendor: VendorWorld, chosen: str, shown: str) -> None:
    client = portal(vendor, vendor.clinician)
    reply = client.post(
        "/portal/appearance/", {"theme": chosen}, headers={"Referer": "http://testserver/portal/caseload/"}
    )
    assert reply.headers["Location"] == "/portal/caseload/"
    assert f'<html lang="en"{shown}>' in client.get("/portal/").content.decode()


def test_an_appearance_that_is_none_is_the_systems_and_the_way_back_stays_here() -> None:
    client = Client(headers={"Referer": "https://elsewhere.example.org/"})
    assert client.post("/portal/appearance/", {"theme": '"><b>'}).headers["Location"] == "/portal/home/"
    assert client.get("/portal/account/login/").content.decode().count("data-theme=") == 0


def test_the_browsers_listen_for_every_kind_of_news() -> None:
    told = re.search(r"const KINDS = \[(.*)\];", (SCRIPTS / "live.js").read_text())
    assert told
    assert set(re.findall(r'"(\w+)"', told[1])) == KINDS


def test_an_operator_has_a_first_page(vendor: VendorWorld) -> None:
    with acting_as(system_actor(PLATFORM_ID)):
        operator = accounts.add_staff(
            email=f"operator-{vendor.tenant.slug}@example.org", name="Op Erator", role=Membership.Role.OPERATOR
        )
    client = portal(vendor, operator)
    client.post("/portal/workplaces/enter/", {"workplace": str(PLATFORM_ID)})
    assert client.get("/portal/home/", follow=True).status_code == 200


def test_the_gallery_is_there_for_those_who_build_and_for_nobody_else(vendor: VendorWorld, settings: Settings) -> None:
    client = portal(vendor, vendor.clinician)
    assert client.get("/portal/components/").status_code == 404
    settings.DEBUG = True
    page = client.get("/portal/components/").content.decode()
    for component in (PROJECT_ROOT / "templates" / "components").iterdir():
        assert f"components/{component.name}" in GALLERY.read_text(), component.name
    assert 'disabled aria-describedby="why-sign"' in page
    assert 'id="why-sign">Only its author signs a note.' in page


def test_no_two_sections_of_one_person_have_the_same_shortcut() -> None:
    keys = [section.keys for section in SECTIONS]
    assert len(keys) == len(set(keys))


def test_each_component_has_one_meaning_in_the_stylesheet() -> None:
    layers = re.split(r"^@layer ", STYLESHEET.read_text(), flags=re.MULTILINE)
    for layer in layers:
        named = re.findall(r"^  ([.#:a-z][^{}\n@]*) \{", layer, flags=re.MULTILINE)
        assert sorted(named) == sorted(set(named)), layer[:20]
