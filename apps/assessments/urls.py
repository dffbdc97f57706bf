"""The pages of one member's measures, under `portal/members/<member_id>/measures/`."""

from django.urls import path

from apps.assessments import views

app_name = "assessments"
urlpatterns = [
    path("", views.measures, name="list"),
    path("new/", views.choose, name="choose"),
    path("new/<slug:instrument>/", views.administer, name="administer"),
    path("<uuid:assessment_id>/", views.read_one, name="read"),
]
