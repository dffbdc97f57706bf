"""The administrator's pages."""

from django.urls import path

from apps.portal.organisation import assignments, home, leave, staff

app_name = "organisation"
urlpatterns = [
    path("organisation/", home.home, name="home"),
    path("organisation/concerns/", home.concerns, name="concerns"),
    path("staff/", staff.staff, name="staff"),
    path("staff/invite/", staff.invite, name="invite"),
    path("staff/invitations/<uuid:invitation_id>/resend/", staff.resend, name="resend"),
    path("staff/invitations/<uuid:invitation_id>/revoke/", staff.revoke, name="revoke"),
    path("staff/leave/", leave.leave, name="leave"),
    path("staff/leave/plan/", leave.plan, name="plan_leave"),
    path("staff/leave/<uuid:leave_id>/cover/", leave.cover, name="cover"),
    path("staff/leave/<uuid:leave_id>/end/", leave.end, name="end_leave"),
    path("staff/<uuid:user_id>/", staff.person, name="person"),
    path("staff/<uuid:user_id>/roles/", staff.roles, name="roles"),
    path("staff/<uuid:user_id>/supervisor/", staff.supervisor, name="supervisor"),
    path("staff/<uuid:user_id>/end/", staff.end, name="end"),
    path("assignments/", assignments.assignments, name="assignments"),
    path("assignments/<uuid:clinician_id>/", assignments.of_clinician, name="assignments_of"),
]
