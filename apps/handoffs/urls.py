"""Handoffs in the browser: the two trays, one handoff with its acts, and the handoffs of one member."""

from django.urls import path

from apps.handoffs import composing, views

app_name = "handoffs"
urlpatterns = [
    path("handoffs/", views.inbox, name="inbox"),
    path("handoffs/outbox/", views.outbox, name="outbox"),
    path("handoffs/<uuid:handoff_id>/", views.detail, name="detail"),
    path("handoffs/<uuid:handoff_id>/standing/", views.standing, name="standing"),
    path("handoffs/<uuid:handoff_id>/packet/", views.packet, name="packet"),
    path("handoffs/<uuid:handoff_id>/accept/", views.accept, name="accept"),
    path("handoffs/<uuid:handoff_id>/decline/", views.decline, name="decline"),
    path("handoffs/<uuid:handoff_id>/complete/", views.complete, name="complete"),
    path("handoffs/<uuid:handoff_id>/cancel/", views.cancel, name="cancel"),
    path("members/<uuid:member_id>/handoffs/", views.of_member, name="of_member"),
    path("members/<uuid:member_id>/handoffs/new/", composing.compose, name="compose"),
    path("members/<uuid:member_id>/handoffs/new/preview/", composing.preview, name="preview"),
    path("members/<uuid:member_id>/handoffs/new/vendors/", composing.vendors, name="vendors"),
]
