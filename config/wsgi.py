"""The web processes: portal and contracts."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from apps.stack.checks import refuse_unsafe_database  # noqa: E402  (needs Django to be set up)

refuse_unsafe_database()
