"""`python -m tests.faults.opening` in the environment of a whole run opens a vendor with a member there.

Prints its way in as JSON.
"""

import json
import runpy
import sys
from typing import Any

import django


def way_in(people: dict[str, Any]) -> dict[str, str]:
    vendor = people["make_vendor"]()
    return {
        "key": vendor.key(limit_per_minute=1_000_000)[1],
        "member_id": str(vendor.member().person_id),
        "tenant_id": str(vendor.tenant.id),
    }


if __name__ == "__main__":
    django.setup()
    # Run and not imported: its models are there only from now on.
    json.dump(way_in(runpy.run_module("tests.people")), sys.stdout)
