"""The pages of one member's notes, under `portal/members/<member_id>/notes/`."""

from django.urls import path

from apps.notes import cosigning_views, editor_views, print_views, views

app_name = "notes"
urlpatterns = [
    path("", views.notes, name="list"),
    path("new/", views.choose, name="choose"),
    path("new/<uuid:session_id>/<str:note_type>/", editor_views.write, name="write"),
    path("new/<uuid:session_id>/<str:note_type>/keep/", editor_views.keep_new, name="keep_new"),
    path("new/<uuid:session_id>/<str:note_type>/writers/", editor_views.writers_of_new, name="writers_of_new"),
    path("<uuid:note_id>/", views.read, name="read"),
    path("<uuid:note_id>/print/", print_views.sheet, name="print"),
    path("<uuid:note_id>/pdf/", print_views.pdf, name="pdf"),
    path("<uuid:note_id>/revise/", editor_views.revise, name="revise"),
    path("<uuid:note_id>/revise/keep/", editor_views.keep_revision, name="keep_revision"),
    path("<uuid:note_id>/writers/", editor_views.writers_of_note, name="writers_of_note"),
    path("<uuid:note_id>/sign/", editor_views.sign, name="sign"),
    path("<uuid:note_id>/addendum/", editor_views.addend, name="addend"),
    path("<uuid:note_id>/addendum/keep/", editor_views.keep_addendum, name="keep_addendum"),
    path("<uuid:note_id>/retract/", views.retract, name="retract"),
    path("<uuid:note_id>/cosign/", cosigning_views.cosign, name="cosign"),
    path("<uuid:note_id>/return/", cosigning_views.return_note, name="return"),
]
