"""People of the demo at their browsers."""

import base64
import hashlib
import hmac
import json
import re
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.stack.runs import Run

# A TOTP code (RFC 6238) holds for this long, and is taken once.
PERIOD = 30


def totp(secret: str, at: float) -> str:
    """The six digits of that moment."""
    counter = struct.pack(">Q", int(at) // PERIOD)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@dataclass
class Person:
    """Someone with an email and a password, and, once enrolled, a secret in their phone."""

    email: str
    password: str
    secret: str = ""
    state: Any = None
    context_options: dict[str, Any] = field(default_factory=dict)

    def give_password(self, page: Page) -> None:
        page.get_by_label("Email").fill(self.email)
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Sign in").click()

    def enrol(self, page: Page) -> None:
        """Put the secret that the page shows into the phone, and its code into the page."""
        page.get_by_role("link", name=re.compile("authenticator app", re.IGNORECASE)).click()
        self.secret = page.locator("#authenticator_secret").input_value()
        page.locator("#id_code").fill(totp(self.secret, time.time()))
        page.get_by_role("button", name="Activate").click()
        page.wait_for_url("**/recovery-codes/")


@dataclass
class House:
    """The running demo, and the browser in front of it."""

    run: Run
    browser: Browser
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.run.port}"

    @property
    def way_in(self) -> Any:
        return json.loads((self.run.data_dir / "demo.json").read_text())

    def person(self, role: str, vendor: int = 0) -> Person:
        """The demo's operator, or a vendor's admin, clinician or supervisor."""
        found = self.way_in if role == "operator" else self.way_in["vendors"][vendor]
        known = self.people.get(f"{role} {vendor}") or Person(**found[role])
        return self.people.setdefault(f"{role} {vendor}", known)

    def context(self, person: Person | None = None, **options: Any) -> BrowserContext:
        """A window of someone who signed in already, or of nobody."""
        if person is not None and person.state is None:
            self.first_sign_in(person)
        state = person.state if person else None
        return self.browser.new_context(base_url=self.address, storage_state=state, **options)

    def first_sign_in(self, person: Person) -> None:
        """Sign in, enrol the second factor that is asked for, and keep the session for later windows."""
        with self.browser.new_context(base_url=self.address) as context:
            page = context.new_page()
            page.goto("/portal/")
            person.give_password(page)
            person.enrol(page)
            page.get_by_role("link", name="I have kept them").click()
            page.wait_for_url(re.compile("/portal/(?!account/)"))
            person.state = context.storage_state()
