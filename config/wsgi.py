"""The web processes: portal and contracts."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from apps.stack.bodies import announce_length
from apps.stack.checks import refuse_unsafe_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_wsgi_application()
refuse_unsafe_database()
application = announce_length(django_application, limit=settings.MAX_BODY_BYTES)
