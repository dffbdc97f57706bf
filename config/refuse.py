"""The default answer of every API view that no contract's base class has opened: no."""

from typing import TYPE_CHECKING

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class NoAuthentication(BaseAuthentication):
    def authenticate(self, request: "Request") -> None:
        raise NotAuthenticated

    def authenticate_header(self, request: "Request") -> str:
        return "None"


class NoPermission(BasePermission):
    def has_permission(self, request: "Request", view: "APIView") -> bool:
        return False
