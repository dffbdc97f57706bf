"""Where a form leads: on to the page that was asked for, or back to the one it stands on. Never to another site."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def onward(request: HttpRequest) -> str:
    """The `next` of the request, or nothing where that is no page of this site."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    return url if _is_ours(request, url) else ""


def back(request: HttpRequest) -> str:
    """The page that the form stands on, as the browser names it, or the person's first."""
    url = request.headers.get("Referer", "")
    if not _is_ours(request, url):
        return reverse("portal:home")
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


def _is_ours(request: HttpRequest, url: str) -> bool:
    return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
