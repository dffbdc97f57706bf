from django.apps import AppConfig


class CareSessionsConfig(AppConfig):
    name = "apps.care_sessions"
