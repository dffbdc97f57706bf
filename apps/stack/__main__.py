"""`manage.py up`: everything on one machine, from nothing to an address that answers."""

from __future__ import annotations

import sys

from apps.stack.up import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
