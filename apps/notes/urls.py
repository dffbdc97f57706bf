"""The pages of one member's notes, under `portal/members/<member_id>/notes/`."""

from django.urls import path

from apps.notes import views

app_name = "notes"
urlpatterns = [
    path("", views.notes, name="list"),
    path("new/", views.choose, name="choose"),
    path("new/<uuid:session_id>/<str:note_type>/", views.write, name="write"),
    path("new/<uuid:session_id>/<str:note_type>/keep/", views.keep_new, name="keep_new"),
    path("<uuid:note_id>/", views.read, name="read"),
    path("<uuid:note_id>/revise/", views.revise, name="revise"),
    path("<uuid:note_id>/revise/keep/", views.keep_revision, name="keep_revision"),
    path("<uuid:note_id>/sign/", views.sign, name="sign"),
    path("<uuid:note_id>/addendum/", views.addend, name="addend"),
]
