"""API keys in the browser."""

from django.urls import path

from apps.keys import requests, views

app_name = "keys"
urlpatterns = [
    path("", views.keys, name="keys"),
    path("new/", views.new, name="new"),
    path("requests/", requests.requests, name="requests"),
    path("<uuid:key_id>/", views.one, name="key"),
    path("<uuid:key_id>/rotate/", views.rotate, name="rotate"),
    path("<uuid:key_id>/revoke/", views.revoke, name="revoke"),
]
