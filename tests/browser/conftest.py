"""The running stack with its demo, second factors required, and one Chromium in front of it."""

import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.browser.people import House
from tests.stack.runs import Run


# Per package: Playwright's event loop would stand in the way of every other test's database.
@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    program = chromium.find_or_install()
    run = Run.start(tmp_path_factory.mktemp("browser") / "data", DEMO="1", REQUIRE_MFA="1")
    try:
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=program, args=chromium.flags()) as browser,
        ):
            yield House(run, browser)
    finally:
        run.end(signal.SIGTERM)
