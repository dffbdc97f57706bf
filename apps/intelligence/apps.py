from django.apps import AppConfig

from apps.intelligence.actions import before_commit
from apps.tenants.context import flush_before_commit


class IntelligenceConfig(AppConfig):
    name = "apps.intelligence"

    def ready(self) -> None:
        # Before the events, for it may record that a risk changed.
        flush_before_commit(10, "intelligence", before_commit)
