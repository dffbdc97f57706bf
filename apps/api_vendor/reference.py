"""The published description of this contract: `openapi.json`, and a page made of it, all served from here."""

from functools import cache
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.permissions import AllowAny


@cache
def _described() -> tuple[bytes, str]:
    """The description and its ETag. It follows from the code alone, and making it takes a second or more."""
    make: Any = SchemaGenerator
    schema = make().get_schema(request=None, public=True)
    body: bytes = OpenApiJsonRenderer().render(schema)
    return body, f'"{sha256(body).hexdigest()[:32]}"'


def _etag(request: HttpRequest) -> str:
    return _described()[1]


@require_safe
@condition(etag_func=_etag)
def openapi_json(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, the same for everybody; a client that has it is answered 304."""
    return HttpResponse(_described()[0], content_type=OpenApiJsonRenderer.media_type)


reference_page = SpectacularSwaggerView.as_view(
    url="/api/v2/openapi.json", authentication_classes=[], permission_classes=[AllowAny]
)
