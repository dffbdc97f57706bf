"""Refuse a vendor's keys and people, and its sandbox's, from their next request on."""

from apps.accounts.actions import suspend
from apps.accounts.commands import VendorCommand


class Command(VendorCommand):
    help = __doc__ or ""
    verb = staticmethod(suspend)
    done = "suspended"
