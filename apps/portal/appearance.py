"""Light, dark, or as the system says: a cookie, so that the first paint is right without a script."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from apps.portal.ways import back

COOKIE = "throughline_theme"
SYSTEM = ""
THEMES = ((SYSTEM, "System"), ("light", "Light"), ("dark", "Dark"))
YEAR_SECONDS = 365 * 24 * 60 * 60


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(COOKIE, SYSTEM)
    return chosen if chosen in dict(THEMES) else SYSTEM


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep the choice in this browser. What is none of the three is the system's."""
    theme = request.POST.get("theme", SYSTEM)
    response = HttpResponse(status=204) if request.headers.get("HX-Request") else HttpResponseRedirect(back(request))
    if theme in dict(THEMES) and theme != SYSTEM:
        response.set_cookie(
            COOKIE, theme, max_age=YEAR_SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
