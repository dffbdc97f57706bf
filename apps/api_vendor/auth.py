"""This contract's credential: the `X-API-Key` header, read into an `Actor`."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from apps.core.actor import Actor
from apps.doors.addresses import client_address
from apps.doors.tracing import request_id_of
from apps.keys.authentication import authenticate


class VendorKeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Actor, object]:
        return authenticate(
            request.META.get("HTTP_X_API_KEY"),
            contract="vendor",
            address=client_address(request._request),
            request_id=request_id_of(request._request),
            door="api_vendor",
            agent=request.META.get("HTTP_USER_AGENT", ""),
        )

    def authenticate_header(self, request: Request) -> str:
        return "X-API-Key"
