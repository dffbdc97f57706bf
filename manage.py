#!/usr/bin/env python
"""Every command of Throughline; `manage.py help` is the list."""

import os
import runpy
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["up"]:
        # The supervisor makes what the settings read, so it has to run before they load.
        del sys.argv[1]
        runpy.run_module("apps.stack", run_name="__main__", alter_sys=True)
    execute_from_command_line(sys.argv)
