"""Reading, writing and signing are plain forms: with no script at all they work the same."""

from playwright.sync_api import expect

from tests.browser.people import House


def test_a_note_is_written_and_signed_without_any_script(house: House) -> None:
    with house.context(house.person("clinician"), java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/portal/caseload/")
        page.locator("tbody th a").first.click()
        page.get_by_role("link", name="Write a note").first.click()
        page.get_by_label("Type of note").select_option("dap")
        page.get_by_role("button", name="Write", exact=True).click()
        for field in ("Data", "Assessment", "Plan"):
            page.get_by_label(field).fill(f"{field}, written with no script at all.")
        page.get_by_role("button", name="Save as draft").click()
        page.get_by_role("link", name="Sign").first.click()
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Sign the note").click()
        expect(page.get_by_role("article", name="Note")).to_contain_text("Signed by")
        expect(page.get_by_text("Assessment, written with no script at all.")).to_be_visible()
