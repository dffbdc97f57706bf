from django.apps import AppConfig

from apps.vault.wrapping import wrapping_keys


class VaultConfig(AppConfig):
    name = "apps.vault"

    def import_models(self) -> None:
        # The fields' package reads the setting as it is imported; ours says more clearly what is wrong with it.
        wrapping_keys()
        super().import_models()
