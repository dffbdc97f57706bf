"""Ids in paths, and the answer where no path of the contract matches."""

import uuid
from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api_vendor.base import VendorView
from apps.core.errors import NotFound


class IdConverter:
    """A UUID with its hyphens, in any case."""

    regex = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> uuid.UUID:
        return uuid.UUID(value)

    def to_url(self, value: uuid.UUID) -> str:
        return str(value)


class Nowhere(VendorView):
    """Not a path of this contract. A key that is shown here counts as everywhere; none is needed."""

    permission_classes = (AllowAny,)
    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        if "HTTP_X_API_KEY" in request.META:
            super().initial(request, *args, **kwargs)

    def get(self, request: Request, **ids: Any) -> Response:
        raise NotFound("There is nothing at this path. Every path of this API ends in a slash.")

    post = put = patch = delete = get
