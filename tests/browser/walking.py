"""Following links through the portal, so that every page that a person can reach is looked at once."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

PORTAL = "/portal/"
# Leads to wherever someone in this role begins.
HOME = "/portal/workplaces/enter/"
# What a link downloads is not a page.
LINKS = "a[href]:not([download])"


def pages(page: Page, start: str = HOME) -> Iterator[str]:
    """Open a page of each address that links lead to from `start`, one after the other; yields the address's route."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        url = waiting.pop(0)
        if (route := _route(url)) in seen or route is None:
            continue
        seen.add(route)
        page.goto(url)
        yield route
        waiting.extend(link for link in _links(page) if _route(link) not in seen)


def _links(page: Page) -> list[str]:
    found: list[str] = page.locator(LINKS).evaluate_all("links => links.map(link => link.href)")
    here = urlsplit(page.url)
    return [_path(link) for link in found if urlsplit(link).netloc == here.netloc]


def _path(link: str) -> str:
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _route(url: str) -> str | None:
    path = urlsplit(url).path
    try:
        return resolve(path).route if path.startswith(PORTAL) else None
    except Resolver404:
        return None
