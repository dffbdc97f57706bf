"""Health, mounted at the root: with and without a closing slash, as balancers are configured either way."""

from __future__ import annotations

from django.urls import re_path

from apps.stack import health

urlpatterns = [
    re_path(r"^healthz/?$", health.healthz, name="healthz"),
    re_path(r"^readyz/?$", health.readyz, name="readyz"),
]
