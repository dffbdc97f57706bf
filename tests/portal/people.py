"""People of the tests at the portal: with a password, signed in, at work."""

from django.core.cache import cache
from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts import second_factor
from apps.accounts.models import User
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.people import VendorWorld

PASSWORD = "correct horse battery staple"


def give_password(user: User) -> User:
    with acting_as(system_actor(PLATFORM_ID)):
        accounts.set_password(user=user, password=PASSWORD)
    return user


def portal(vendor: VendorWorld, user: User) -> Client:
    """A browser in which `user` signed in with a second factor and is at work at the vendor's live tenant."""
    # Everyone of the tests comes from one address, whose tries are counted.
    cache.clear()
    client = Client()
    client.post("/portal/account/login/", {"login": give_password(user).email, "password": PASSWORD})
    session = client.session
    session[second_factor.ENROLLED] = 1.0
    session.save()
    client.post("/portal/workplaces/enter/", {"workplace": str(vendor.tenant.id)})
    return client
