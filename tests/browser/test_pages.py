"""Every page that a link leads to, in every role: no script fails, no policy is broken, axe finds nothing.

`SCREENSHOTS=folder` in the environment keeps a picture of each in light, dark and phone width.
"""

import json
import os
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, ViewportSize

from tests.browser.people import House
from tests.browser.walking import pages

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}
ROLES = ("clinician", "supervisor", "admin", "operator")
PICTURES = os.environ.get("SCREENSHOTS")


def faults_of(page: Page) -> list[str]:
    """What axe finds here, as sentences: rule, theme, and the first elements."""
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        result: dict[str, Any] = Axe().run(page).response
        for each in result["violations"]:
            where = "; ".join(str(node["target"]) for node in each["nodes"][:3])
            found.append(f"{theme}: {each['id']}: {each['help']} ({where})")
    return found


def is_wider_than_the_phone(page: Page) -> bool:
    page.set_viewport_size(PHONE)
    wide: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.set_viewport_size(DESK)
    return wide


def picture(page: Page, role: str, route: str) -> None:
    if not PICTURES:
        return
    name = route.replace("<", "").replace(">", "").replace("uuid:", "").strip("/").replace("/", "_")
    folder = Path(PICTURES) / role
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.screenshot(path=folder / f"{name}.{theme}.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
    page.screenshot(path=folder / f"{name}.phone.png", full_page=True)
    page.set_viewport_size(DESK)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_works_for_everybody(house: House, role: str) -> None:
    said: list[str] = []
    faults: dict[str, list[str]] = {}
    with house.context(house.person(role), viewport=DESK) as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(text_of(message)) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        for route in pages(page):
            picture(page, role, route)
            found = [*said, *faults_of(page)]
            if is_wider_than_the_phone(page):
                found.append("wider than a phone")
            if found:
                faults[route] = found
            said.clear()
    assert not faults, json.dumps(faults, indent=1)


def text_of(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location.get('url', '')})"
