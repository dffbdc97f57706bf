"""Which door's words an unknown path or a crash is answered in."""

from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

from apps.api_vendor import errors as api_vendor
from apps.portal import errors as portal


def senseless(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/portal/"):
        return portal.senseless(request, exception)
    return bad_request(request, exception)


def nowhere(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/portal/"):
        return portal.nowhere(request, exception)
    return api_vendor.nowhere(request, exception)


def crashed(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/portal/"):
        return portal.crashed(request)
    return api_vendor.crashed(request)
