"""What spans nouns in the browser, and the way into the pages of each noun."""

from django.urls import path

from apps.portal import (
    appearance,
    audit_proof,
    audit_trail,
    caseload,
    chart,
    find,
    gallery,
    glass,
    home,
    live,
    lock,
    navigation,
    outcomes,
    timeline,
    today,
    workplaces,
)

app_name = "portal"
urlpatterns = [
    path("", today.today, name="today"),
    path("caseload/", caseload.caseload, name="caseload"),
    path("members/<uuid:member_id>/", chart.chart, name="chart"),
    path("members/<uuid:member_id>/break-glass/", glass.break_glass, name="break_glass"),
    path("members/<uuid:member_id>/timeline/", timeline.timeline, name="timeline"),
    path("waiting/", navigation.waiting, name="waiting"),
    path("home/", home.home, name="home"),
    path("shortcuts/", home.shortcuts, name="shortcuts"),
    path("components/", gallery.components, name="components"),
    path("find/", find.find, name="find"),
    path("live/", live.live, name="live"),
    path("appearance/", appearance.appearance, name="appearance"),
    path("alive/", lock.alive, name="alive"),
    path("lock/", lock.lock, name="lock"),
    path("audit/", audit_trail.trail, name="audit"),
    path("audit/export/", audit_trail.export, name="audit_export"),
    path("audit/verify/", audit_proof.verify, name="audit_verify"),
    path("outcomes/", outcomes.outcomes, name="outcomes"),
    path("workplaces/", workplaces.workplaces, name="workplaces"),
    path("workplaces/enter/", workplaces.enter, name="enter"),
    path("unlock/", lock.unlock, name="unlock"),
]
