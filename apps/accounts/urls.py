"""The pages of one's own account: sign-in, reset, second factor, sessions. Their names are allauth's."""

from django.urls import include, path

urlpatterns = [
    path("", include("allauth.account.urls")),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
