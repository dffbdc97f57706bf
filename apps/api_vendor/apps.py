from django.apps import AppConfig


class ApiVendorConfig(AppConfig):
    name = "apps.api_vendor"
