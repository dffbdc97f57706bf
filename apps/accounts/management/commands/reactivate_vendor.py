"""Let a suspended vendor's keys and people in again, and its sandbox's."""

from apps.accounts.actions import reactivate
from apps.accounts.commands import VendorCommand


class Command(VendorCommand):
    help = __doc__ or ""
    verb = staticmethod(reactivate)
    done = "active"
