"""The crisis desk in the browser."""

from django.urls import path

from apps.crisis import settings_page, views

app_name = "crisis"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("settings/", settings_page.crisis_settings, name="settings"),
    path("flags/", views.flags, name="flags"),
    path("raise/<uuid:member_id>/", views.raise_on_member, name="raise"),
    path("of/<uuid:member_id>/", views.of_member, name="of_member"),
    path("<uuid:flag_id>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("<uuid:flag_id>/act/", views.act, name="act"),
    path("<uuid:flag_id>/escalate/", views.escalate, name="escalate"),
    path("<uuid:flag_id>/resolve/", views.resolve, name="resolve"),
]
