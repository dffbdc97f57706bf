"""The organisations of the demo: who works there, and the keys and passwords that open them."""

import secrets
import uuid
from dataclasses import dataclass

from django.conf import settings

from apps.accounts import actions as accounts
from apps.accounts.models import Membership, User
from apps.care_context.actions import change_contacts
from apps.core.actor import Actor, system_actor
from apps.demo.way_in import Login, VendorWay
from apps.keys import actions as keys
from apps.keys import form, limits
from apps.keys.models import READ_SCOPES, SCOPES, APIKey
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID, Tenant

OPERATOR_EMAIL = "operator@throughline.example.org"
READ_ONLY_LIMIT = 100
Role = Membership.Role


@dataclass(frozen=True, slots=True)
class Cast:
    """A vendor of the demo before it is made. The first clinician, admin and supervisor get passwords."""

    slug: str
    name: str
    timezone: str
    admin: str
    supervisor: str
    clinicians: tuple[str, ...]
    contacts: tuple[str, ...]


CASTS = (
    Cast(
        slug="juniper-street",
        name="Juniper Street Counseling",
        timezone="America/New_York",
        admin="Marguerite Oyelaran",
        supervisor="Dr. Henrik Sandoval",
        clinicians=("Dr. Anjali Ghosh", "Tobias Lindqvist, LCSW", "Dr. Wanjiru Dlamini"),
        contacts=("Juniper Street night line: 555-0142", "Suicide and crisis lifeline: call or text 988"),
    ),
    Cast(
        slug="harbor-collective",
        name="Harbor Collective Care",
        timezone="America/Los_Angeles",
        admin="Calvin Nakata",
        supervisor="Dr. Beatriz Moreau",
        clinicians=("Dr. Samuel Eriksen", "Noura Haddad, LMFT", "Dr. Paloma Reyes"),
        contacts=("Harbor crisis team, day and night: 555-0177", "Suicide and crisis lifeline: call or text 988"),
    ),
)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A vendor that exists, with its staff."""

    cast: Cast
    live: Tenant
    sandbox: Tenant
    supervisor: User
    clinicians: tuple[User, ...]

    def person(self, user: User, role: str, *, sandbox: bool = False) -> Actor:
        tenant = self.sandbox if sandbox else self.live
        return Actor(
            kind="person",
            id=user.id,
            name=user.name,
            tenant_id=tenant.id,
            roles=frozenset({role}),
            door="command",
        )


def operator() -> Login:
    """The platform's operator, with a new password."""
    with acting_as(_command(PLATFORM_ID)):
        return _login(OPERATOR_EMAIL, "Throughline Operator", Role.OPERATOR)


def open_cast(cast: Cast) -> Organisation:
    """Make the vendor with its sandbox and staff. The same people work in both."""
    with acting_as(_command(PLATFORM_ID)):
        made = accounts.open_vendor(slug=cast.slug, name=cast.name, timezone=cast.timezone)
    for tenant in (made.live, made.sandbox):
        with acting_as(_command(tenant.id)):
            _hire(cast)
            change_contacts(version=0, lines=cast.contacts)
    return _organisation(cast, made.live, made.sandbox)


def existing(cast: Cast) -> Organisation | None:
    """The vendor of that cast, if it was made before."""
    live = Tenant.objects.filter(slug=cast.slug, is_sandbox=False).select_related("twin").first()
    return _organisation(cast, live, live.twin) if live and live.twin else None


def ways_into(organisation: Organisation) -> VendorWay:
    """New keys, and new passwords for admin, first clinician and supervisor."""
    cast, live = organisation.cast, organisation.live
    with acting_as(_command(live.id)):
        live_key = _issue("Demo, live", SCOPES, settings.DEMO_RATE_LIMIT)
        read_only_key = _issue("Demo, read only", READ_SCOPES, READ_ONLY_LIMIT)
        admin = _login(_email(cast, cast.admin), cast.admin, Role.ADMIN)
        clinician = _login(_email(cast, cast.clinicians[0]), cast.clinicians[0], Role.CLINICIAN)
        supervisor = _login(_email(cast, cast.supervisor), cast.supervisor, Role.SUPERVISOR)
    with acting_as(_command(organisation.sandbox.id)):
        test_key = _issue("Demo, test", SCOPES, settings.DEMO_RATE_LIMIT)
    return VendorWay(
        id=str(live.id),
        slug=live.slug,
        name=live.name,
        live_key=live_key,
        test_key=test_key,
        read_only_key=read_only_key,
        admin=admin,
        clinician=clinician,
        supervisor=supervisor,
    )


def follow_rate_limit(way: VendorWay) -> bool:
    """Set the limit of the vendor's live and test keys to `DEMO_RATE_LIMIT`. Whether anything changed."""
    changed = False
    live = Tenant.objects.get(id=way["id"])
    for tenant_id, key in ((live.id, way["live_key"]), (live.twin_id, way["test_key"])):
        if tenant_id is None:
            continue
        digest = form.digest(key)
        with acting_as(_command(tenant_id)):
            differing = APIKey.objects.filter(digest=digest).exclude(limit_per_minute=settings.DEMO_RATE_LIMIT)
            updated = differing.update(limit_per_minute=settings.DEMO_RATE_LIMIT)
        if updated:
            limits.forget(digest)
            changed = True
    return changed


def _command(tenant_id: uuid.UUID) -> Actor:
    return system_actor(tenant_id, door="command", name="Demo")


def _hire(cast: Cast) -> None:
    supervisor = accounts.add_staff(email=_email(cast, cast.supervisor), name=cast.supervisor, role=Role.SUPERVISOR)
    accounts.add_staff(email=_email(cast, cast.admin), name=cast.admin, role=Role.ADMIN)
    for name in cast.clinicians:
        accounts.add_staff(email=_email(cast, name), name=name, role=Role.CLINICIAN)
    Membership.objects.filter(role=Role.CLINICIAN, ended_at=None).update(supervisor=supervisor)


def _organisation(cast: Cast, live: Tenant, sandbox: Tenant) -> Organisation:
    with acting_as(_command(live.id), durable=False):
        users = {user.email: user for user in User.objects.filter(email__endswith=f"@{cast.slug}.example.org")}
    clinicians = tuple(users[_email(cast, name)] for name in cast.clinicians)
    return Organisation(cast, live, sandbox, users[_email(cast, cast.supervisor)], clinicians)


def _email(cast: Cast, name: str) -> str:
    words = name.removeprefix("Dr. ").split(",")[0].lower().split()
    return f"{'.'.join(words)}@{cast.slug}.example.org"


def _login(email: str, name: str, role: Membership.Role) -> Login:
    password = secrets.token_urlsafe(18)
    user = accounts.add_staff(email=email, name=name, role=role, password=None)
    accounts.set_password(user=user, password=password)
    return Login(email=email, password=password)


def _issue(name: str, scopes: tuple[str, ...], limit: int) -> str:
    return keys.issue(name=name, scopes=scopes, limit_per_minute=limit)[1]
