from django.apps import AppConfig

from apps.events import recording
from apps.tenants.context import flush_before_commit


class EventsConfig(AppConfig):
    name = "apps.events"

    def ready(self) -> None:
        # After the audit, so that the tenant's head is held for as short a time as can be.
        flush_before_commit(30, "events", recording.statements)
