"""A tenant's own crisis rules and wording: read them, change them."""

import uuid

import msgspec
from django.db.models import JSONField, OuterRef, QuerySet, Subquery

from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.crisis.errors import StaleCrisisSettings
from apps.crisis.models import CrisisSettings
from apps.crisis.policies import why_not_change_settings
from apps.crisis.rules import DEFAULT_RULES, DEFAULT_WORDING, Rules, rules_of, why_not_rules, why_not_wording
from apps.tenants.context import current_work


def settings_of(tenant_id: uuid.UUID) -> CrisisSettings:
    """What the tenant decided; the default, unsaved and of version 0, where it decided nothing."""
    return CrisisSettings.objects.filter(tenant_id=tenant_id).first() or CrisisSettings(
        tenant_id=tenant_id,
        wording=DEFAULT_WORDING,
        rules=msgspec.to_builtins(DEFAULT_RULES),
        version=0,
    )


def kept_rules(tenant_id: "OuterRef | uuid.UUID") -> Subquery:
    """The rules for a statement that reads others as well; null where the tenant decided nothing. See `rules_of`."""
    return Subquery(CrisisSettings.objects.filter(tenant_id=tenant_id).values("rules")[:1], output_field=JSONField())


def change(*, version: int, wording: str, rules: Rules) -> CrisisSettings:
    """Replace the tenant's wording and rules. Flags that are open keep the rules that they were raised under.

    `version` is the one that was read, 0 for the default. `Forbidden` but for an administrator; `Invalid` by field;
    `StaleCrisisSettings` when another one changed them meanwhile.
    """
    work = current_work()
    if refusal := why_not_change_settings(work.actor):
        raise refusal
    faults = why_not_rules(rules)
    if reason := why_not_wording(wording):
        faults["wording"] = [reason]
    if faults:
        raise Invalid("Some fields are not valid.", fields=faults)
    found = _locked(work.tenant_id)
    if found.version != version:
        raise StaleCrisisSettings
    changed = {
        "wording": found.wording != wording,
        "rules": rules_of(found.rules) != rules,
    }
    found.wording, found.rules = wording, msgspec.to_builtins(rules)
    found.version, found.changed_at, found.changed_by = version + 1, now(), work.actor.reference()
    found.save(update_fields=["wording", "rules", "version", "changed_at", "changed_by"])
    audit.record(
        "crisis.settings_changed",
        rows=[found.id],
        reason="administration",
        details={"version": found.version, "changed": [name for name, did in changed.items() if did], **found.rules},
    )
    return found


def _locked(tenant_id: uuid.UUID) -> CrisisSettings:
    """The tenant's row, made first where there is none, so that of two administrators at once one waits."""
    first = settings_of(tenant_id)
    own: QuerySet[CrisisSettings] = CrisisSettings.objects.filter(tenant_id=tenant_id)
    own.get_or_create(tenant_id=tenant_id, defaults={"wording": first.wording, "rules": first.rules, "version": 0})
    return own.select_for_update().get()
