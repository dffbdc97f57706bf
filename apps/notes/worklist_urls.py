"""The pages of notes that span members, under `portal/notes/`."""

from django.urls import path

from apps.notes import cosigning_views, drafts_views

app_name = "note_work"
urlpatterns = [
    path("drafts/", drafts_views.tray, name="drafts"),
    path("drafts/<uuid:draft_id>/discard/", drafts_views.discard, name="discard"),
    path("drafts/<uuid:draft_id>/restore/", drafts_views.restore, name="restore"),
    path("to-cosign/", cosigning_views.to_cosign, name="to_cosign"),
    path("cosigning/", cosigning_views.rules, name="cosigning"),
]
