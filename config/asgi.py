"""The stream processes: server-sent events and nothing else."""

import os

from django.core.asgi import get_asgi_application

from apps.stack.checks import refuse_unsafe_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
refuse_unsafe_database()
