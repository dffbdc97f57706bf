"""Every route of the Vendor API, in the order of the contract's table; whatever else is asked is not found."""

from django.urls import URLPattern, path, re_path, register_converter

from apps.api_vendor.assessments import AssessmentList
from apps.api_vendor.care_context import CareContextView
from apps.api_vendor.crisis_flags import CrisisFlagList
from apps.api_vendor.events import EventFeed, MemberTimeline
from apps.api_vendor.handoffs import (
    AcceptHandoff,
    CancelHandoff,
    CompleteHandoff,
    DeclineHandoff,
    HandoffContextView,
    HandoffDetail,
    HandoffList,
)
from apps.api_vendor.intelligence import BriefList, MemberBrief
from apps.api_vendor.members import MemberDetail, MemberList
from apps.api_vendor.notes import NoteList
from apps.api_vendor.nowhere import IdConverter, Nowhere
from apps.api_vendor.onboarding import OnboardingList
from apps.api_vendor.reference import openapi_json, reference_page
from apps.api_vendor.sessions import SessionDetail, SessionList
from apps.api_vendor.stream import EventStream

register_converter(IdConverter, "id")

urlpatterns: list[URLPattern] = [
    path("members/", MemberList.as_view()),
    path("members/<id:member_id>/", MemberDetail.as_view()),
    path("intelligence/", BriefList.as_view()),
    path("members/<id:member_id>/intelligence/", MemberBrief.as_view()),
    path("members/<id:member_id>/care-context/", CareContextView.as_view()),
    path("sessions/", SessionList.as_view()),
    path("sessions/<id:session_id>/", SessionDetail.as_view()),
    path("notes/", NoteList.as_view()),
    path("assessments/", AssessmentList.as_view()),
    path("crisis-flags/", CrisisFlagList.as_view()),
    path("handoffs/", HandoffList.as_view()),
    path("handoffs/<id:handoff_id>/", HandoffDetail.as_view()),
    path("handoffs/<id:handoff_id>/context/", HandoffContextView.as_view()),
    path("handoffs/<id:handoff_id>/accept/", AcceptHandoff.as_view()),
    path("handoffs/<id:handoff_id>/decline/", DeclineHandoff.as_view()),
    path("handoffs/<id:handoff_id>/complete/", CompleteHandoff.as_view()),
    path("handoffs/<id:handoff_id>/cancel/", CancelHandoff.as_view()),
    path("events/", EventFeed.as_view()),
    path("events/stream/", EventStream.as_view()),
    path("members/<id:member_id>/timeline/", MemberTimeline.as_view()),
    path("onboarding/", OnboardingList.as_view()),
    path("openapi.json", openapi_json),
    path("docs/", reference_page),
    re_path(r"^[\s\S]*\Z", Nowhere.as_view()),
]
