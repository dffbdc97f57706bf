"""The web processes: portal and contracts."""

import gc
import logging
import os

from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries

from apps.stack.bodies import announce_length
from apps.stack.checks import refuse_unsafe_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_wsgi_application()
refuse_unsafe_database()
application = announce_length(django_application, limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

# What no log line here holds is not found out for each either (the logging HOWTO's "Optimization").
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
logging._srcfile = None
# A broken connection is dropped when the next request starts: looking at the end as well would find nothing more. There
# is no cache to close, and a log of queries is kept only where one is asked for.
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
request_started.disconnect(reset_queries)
# What was loaded stays: the collector need not look at it again, nor as often at what a request leaves behind.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
