"""What a browser is shown where there is no page, or none for this request."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.doors.tracing import request_id_of


def senseless(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that no view was asked about, such as one with more in it than a form takes."""
    if isinstance(exception, RequestDataTooBig):
        message = (
            f"What you sent is larger than the {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes that a form takes, so "
            "nothing of it was saved. Your text is still in the form: go back and shorten it, or split it in two."
        )
        return _refused(request, 413, message)
    return _refused(request, 400, "Your browser sent something that makes no sense here. Go back and reload the page.")


def _refused(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """A page, or a notice over the page that asked, where what was typed stays."""
    context = {"status": status, "message": message}
    if not request.headers.get("HX-Request"):
        return render(request, "portal/refused.html", context, status=status)
    response = render(request, "portal/refused.html#notice", context, status=status)
    response.headers["HX-Retarget"] = "#notices"
    response.headers["HX-Reselect"] = ".notice"
    response.headers["HX-Reswap"] = "beforeend"
    return response


def nowhere(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = "There is nothing at this address, or it is not yours to see."
    return render(request, "portal/refused.html", {"status": 404, "message": message}, status=404)


def crashed(request: HttpRequest) -> HttpResponse:
    message = f"Something went wrong on our side. Quote request id {request_id_of(request)} when you report it."
    return render(request, "portal/refused.html", {"status": 500, "message": message}, status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page of its own, or a notice over the page that asked by htmx, so that what was typed there stays."""
    message = "This page was open for too long, or cookies are off. Go back, reload it and send the form again."
    if not request.headers.get("HX-Request"):
        return render(request, "portal/refused.html", {"status": 403, "message": message}, status=403)
    message = "This page was open for too long, so nothing was saved. Copy what you typed, reload the page and send it."
    response = render(request, "portal/refused.html#notice", {"status": 403, "message": message}, status=403)
    response.headers["HX-Retarget"] = "#notices"
    response.headers["HX-Reselect"] = ".notice"
    response.headers["HX-Reswap"] = "beforeend"
    return response
