"""The pages of one member's sessions, under `portal/members/<member_id>/sessions/`."""

from django.urls import path

from apps.care_sessions import views

app_name = "care_sessions"
urlpatterns = [
    path("", views.sessions, name="list"),
    path("schedule/", views.schedule, name="schedule"),
    path("log/", views.log, name="log"),
    path("<uuid:session_id>/", views.read, name="read"),
    path("<uuid:session_id>/start/", views.start, name="start"),
    path("<uuid:session_id>/complete/", views.complete, name="complete"),
    path("<uuid:session_id>/reschedule/", views.reschedule, name="reschedule"),
    path("<uuid:session_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:session_id>/no-show/", views.no_show, name="no_show"),
]
