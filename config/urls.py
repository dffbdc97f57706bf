"""The map: every door of Throughline and where it leads."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v2/", include("apps.api_vendor.urls")),
    path("", include("apps.stack.urls")),
]
handler404 = "apps.api_vendor.errors.nowhere"
handler500 = "apps.api_vendor.errors.crashed"
