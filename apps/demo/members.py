"""Who is in care at the demo's vendors, since when, and with which clinician."""

import random

from apps.core.actor import system_actor
from apps.demo.names import stranger
from apps.demo.vendors import Organisation
from apps.members import actions as members
from apps.tenants.context import acting_as

LIVE_MEMBERS = 44
SANDBOX_MEMBERS = 12


def settle_members(organisation: Organisation) -> None:
    for tenant, amount in ((organisation.live, LIVE_MEMBERS), (organisation.sandbox, SANDBOX_MEMBERS)):
        dice = random.Random(tenant.slug)
        with acting_as(system_actor(tenant.id, door="command", name="Demo")):
            for number in range(amount):
                someone = stranger(dice, tenant.slug[:3] + ("t" if tenant.is_sandbox else ""), number)
                members.assign(
                    person_id=members.register_person(email=someone.email).id,
                    profile=someone.profile,
                    external_id=someone.external_id,
                    pronouns=someone.pronouns,
                    timezone=someone.timezone,
                    primary_clinician_id=organisation.clinicians[number % len(organisation.clinicians)].id,
                )
