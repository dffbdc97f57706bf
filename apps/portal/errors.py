"""What a browser is shown where there is no page, or none for this request."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.doors.tracing import request_id_of


def nowhere(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = "There is nothing at this address, or it is not yours to see."
    return render(request, "portal/refused.html", {"status": 404, "message": message}, status=404)


def crashed(request: HttpRequest) -> HttpResponse:
    message = f"Something went wrong on our side. Quote request id {request_id_of(request)} when you report it."
    return render(request, "portal/refused.html", {"status": 500, "message": message}, status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "This page was open for too long, or cookies are off. Go back, reload it and send the form again."
    return render(request, "portal/refused.html", {"status": 403, "message": message}, status=403)
