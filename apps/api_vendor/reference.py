"""The published description of this contract: `openapi.json`, and a page made of it, all served from here."""

from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.permissions import AllowAny

openapi_json = SpectacularAPIView.as_view(
    renderer_classes=[OpenApiJsonRenderer],
    authentication_classes=[],
    permission_classes=[AllowAny],
)
reference_page = SpectacularSwaggerView.as_view(
    url="/api/v2/openapi.json", authentication_classes=[], permission_classes=[AllowAny]
)
