"""The pages of one's own account: sign-in, reset, second factor, sessions. Their names are allauth's.

Of its own pages only these are open. Nobody signs up here, and an account's email, which is who the account is for the
database, is not changed here.
"""

from allauth.account import views
from django.urls import include, path, re_path

from apps.accounts import invitation_pages

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("invitation/", invitation_pages.accept, name="accept_invitation"),
    path("invitations/<str:token>/", invitation_pages.arrive, name="invitation"),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
