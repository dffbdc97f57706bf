from django.apps import AppConfig


class CareContextConfig(AppConfig):
    name = "apps.care_context"
