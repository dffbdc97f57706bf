"""Signing in as people do: a code from the phone, a passkey, a recovery code, and back after the lock."""

from playwright.sync_api import CDPSession, Page, expect

from tests.browser.people import House


def passkeys(page: Page) -> CDPSession:
    """A virtual authenticator that verifies its user, as a laptop's fingerprint reader does."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def test_the_first_sign_in_asks_for_a_second_factor_and_then_opens_today(house: House) -> None:
    with house.context() as context:
        page = context.new_page()
        page.goto("/portal/")
        person = house.person("clinician", vendor=1)
        person.give_password(page)
        expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
        page.goto("/portal/")
        expect(page).to_have_url(f"{house.address}/portal/account/second-factor/")
        person.enrol(page)
        codes = page.locator(".codes li")
        expect(codes).to_have_count(10)
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()


def test_a_passkey_is_added_and_signs_in(house: House) -> None:
    person = house.person("supervisor", vendor=1)
    with house.context() as context:
        page = context.new_page()
        passkeys(page)
        page.goto("/portal/")
        person.give_password(page)
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_role("button", name="Add").click()
        page.wait_for_url("**/recovery-codes/")
        page.goto("/portal/")
        expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
        page.get_by_role("banner").locator("summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/login/")
        person.give_password(page)
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()


def test_nothing_is_shown_by_the_back_button_once_the_session_is_gone(house: House) -> None:
    with house.context(house.person("clinician")) as context:
        page = context.new_page()
        page.goto("/portal/caseload/")
        expect(page.get_by_role("heading", name="Caseload")).to_be_visible()
        context.clear_cookies()
        page.goto("/portal/account/login/")
        page.go_back()
        expect(page.get_by_label("Password")).to_be_visible()
