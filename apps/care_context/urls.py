"""The pages of a member's care context and safety plan, and of the tenant's crisis contacts."""

from django.urls import path

from apps.care_context import views

app_name = "care_context"
urlpatterns = [
    path("members/<uuid:member_id>/care-context/", views.read, name="read"),
    path("members/<uuid:member_id>/care-context/edit/<str:part>/", views.edit, name="edit"),
    path("members/<uuid:member_id>/care-context/versions/", views.versions, name="versions"),
    path("members/<uuid:member_id>/care-context/versions/<int:number>/", views.version, name="version"),
    path("members/<uuid:member_id>/care-context/compare/", views.compare, name="compare"),
    path("members/<uuid:member_id>/safety-plan/", views.safety_plan, name="safety_plan"),
    path("members/<uuid:member_id>/safety-plan/review/", views.review_plan, name="review_plan"),
    path("members/<uuid:member_id>/safety-plan/print/", views.print_plan, name="print_plan"),
    path("crisis-contacts/", views.contacts, name="contacts"),
]
