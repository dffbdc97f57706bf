"""The pages of one member's care context and safety plan, under `portal/members/<member_id>/`."""

from django.urls import path

from apps.care_context import views

app_name = "care_context"
urlpatterns = [
    path("care-context/", views.read, name="read"),
    path("care-context/edit/<str:part>/", views.edit, name="edit"),
    path("care-context/versions/", views.versions, name="versions"),
    path("care-context/versions/<int:number>/", views.version, name="version"),
    path("care-context/compare/", views.compare, name="compare"),
    path("safety-plan/", views.safety_plan, name="safety_plan"),
    path("safety-plan/review/", views.review_plan, name="review_plan"),
]
