"""The map: every door of Throughline and where it leads."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v2/", include("apps.api_vendor.urls")),
    path("portal/account/", include("apps.accounts.urls")),
    path("portal/members/<uuid:member_id>/notes/", include("apps.notes.urls")),
    path("portal/members/<uuid:member_id>/sessions/", include("apps.care_sessions.urls")),
    path("portal/notes/", include("apps.notes.worklist_urls")),
    path("portal/", include("apps.care_context.urls")),
    path("portal/members/<uuid:member_id>/measures/", include("apps.assessments.urls")),
    path("portal/keys/", include("apps.keys.urls")),
    path("portal/crisis/", include("apps.crisis.urls")),
    path("portal/", include("apps.handoffs.urls")),
    path("portal/", include("apps.portal.organisation.urls")),
    path("portal/", include("apps.portal.urls")),
    path("", RedirectView.as_view(pattern_name="portal:home")),
    path("", include("apps.stack.urls")),
]
handler400 = "config.errors.senseless"
handler404 = "config.errors.nowhere"
handler500 = "config.errors.crashed"
