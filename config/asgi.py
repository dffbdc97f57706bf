"""The stream processes: server-sent events and nothing else."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()

from apps.stack.checks import refuse_unsafe_database  # noqa: E402  (needs Django to be set up)

refuse_unsafe_database()
