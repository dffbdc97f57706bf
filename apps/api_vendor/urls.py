"""Every route of the Vendor API, in the order of the contract's table; whatever else is asked is not found."""

from django.urls import URLPattern, path, re_path

from apps.api_vendor.errors import not_found
from apps.api_vendor.members import MemberDetail, MemberList

urlpatterns: list[URLPattern] = [
    path("members/", MemberList.as_view()),
    path("members/<uuid:member_id>/", MemberDetail.as_view()),
    re_path(r"^(?P<rest>.*)$", not_found),
]
