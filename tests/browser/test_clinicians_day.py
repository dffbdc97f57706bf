"""A clinician's day, from the first chart to the handoff that the other vendor accepts."""

import re

from playwright.sync_api import Page, expect

from tests.browser.people import House


def open_note(page: Page) -> None:
    """A new SOAP note on the first member of the caseload."""
    page.goto("/portal/caseload/")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Write a note").first.click()
    page.get_by_label("Type of note").select_option("soap")
    page.get_by_role("button", name="Write", exact=True).click()


def test_what_was_typed_survives_a_lost_network_and_a_killed_browser(house: House) -> None:
    person = house.person("clinician")
    with house.context(person) as context:
        page = context.new_page()
        open_note(page)
        address = page.url
        page.get_by_label("Subjective").fill("Slept four hours; said the week was long.")
        expect(page.locator("#kept")).to_contain_text(re.compile("kept|saved", re.IGNORECASE))
        context.set_offline(True)
        page.get_by_label("Objective").fill("Typed while the network was away.")
        expect(page.get_by_text("offline", exact=False).first).to_be_visible()
        context.set_offline(False)
        expect(page.locator("#kept")).to_contain_text(re.compile("kept|saved", re.IGNORECASE), timeout=20_000)
    with house.context(person) as elsewhere:
        page = elsewhere.new_page()
        page.goto(address)
        expect(page.get_by_label("Subjective")).to_have_value("Slept four hours; said the week was long.")
        expect(page.get_by_label("Objective")).to_have_value("Typed while the network was away.")


def test_a_note_is_signed_and_takes_an_addendum(house: House) -> None:
    with house.context(house.person("clinician")) as context:
        page = context.new_page()
        open_note(page)
        for field in ("Subjective", "Objective", "Assessment", "Plan"):
            page.get_by_label(field).fill(f"{field} of today.")
        page.get_by_role("button", name="Save as draft").click()
        page.get_by_role("link", name="Sign").first.click()
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Sign the note").click()
        page.get_by_role("link", name="Write an addendum").click()
        page.get_by_label(re.compile("addendum|body|text", re.IGNORECASE)).first.fill(
            "Called back at five; all is well."
        )
        page.get_by_role("button", name="Sign the addendum").click()
        expect(page.get_by_text("Called back at five; all is well.")).to_be_visible()
        expect(page.get_by_text("Plan of today.")).to_be_visible()
