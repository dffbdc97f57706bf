from django.apps import AppConfig

from apps.audit import recording
from apps.tenants.context import flush_before_commit


class AuditConfig(AppConfig):
    name = "apps.audit"

    def ready(self) -> None:
        flush_before_commit(20, "audit", recording.statements)
