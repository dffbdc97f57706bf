"""Words and times as the pages show them."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from apps.portal.head import Head, head_of
from apps.portal.tabs import Tab, tabs_of

register = template.Library()


@register.simple_tag(takes_context=True)
def moment(context: template.Context, value: datetime | None, style: str = "both") -> SafeString | str:
    """A time in the zone of the workplace, with the zone named.

    `style` is `both`, `date`, `time`, `exact` (to the second), `ago` or `clock`, or `words` for the whole without markup.
    `ago` and a clock, which counts to and from the time, go on by themselves in the browser.
    """
    if value is None:
        return "–"
    local = value.astimezone(_zone(context))
    full = f"{local:%a %d %b %Y, %H:%M} {local.tzname()}"
    if style == "words":
        return f"{local:%d %b %Y, %H:%M} {local.tzname()}"
    shown = {
        "both": f"{local:%d %b %Y, %H:%M} {local.tzname()}",
        "date": f"{local:%d %b %Y}",
        "time": f"{local:%H:%M} {local.tzname()}",
        "exact": f"{local:%d %b %Y, %H:%M:%S} {local.tzname()}",
        "ago": ago(value),
        "clock": _span(abs(int((now() - value).total_seconds()))),
    }[style]
    moving = format_html(" data-{}", style) if style in {"ago", "clock"} else ""
    exact = value.astimezone(UTC).isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}"{}>{}</time>', exact, full, moving, shown)


@register.simple_tag(takes_context=True)
def chart_head(context: template.Context) -> Head:
    """The head of the page's `member`; one statement, unless the view brought it as `head`."""
    brought = context.get("head")
    return brought if isinstance(brought, Head) else head_of(context["request"].actor, context["member"])


@register.simple_tag(takes_context=True)
def chart_tabs(context: template.Context) -> list[Tab]:
    """The pages of the page's member, who is known as `member_id` or `member`."""
    return tabs_of(context.get("member_id") or context["member"].person_id)


@register.filter
def ago(value: datetime | None) -> str:
    """`3 h ago`, `in 12 min`: the largest unit that fits, rounded down."""
    if value is None:
        return "–"
    seconds = int((now() - value).total_seconds())
    amount = _span(abs(seconds))
    return f"{amount} ago" if seconds >= 0 else f"in {amount}"


def _span(seconds: int) -> str:
    for size, unit in ((86_400 * 365, "y"), (86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


@register.filter
def span(length: timedelta | None) -> str:
    """`2 d 3 h`, `12 min`: the two largest units, rounded down."""
    if length is None:
        return "–"
    minutes = int(length.total_seconds()) // 60
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    first = next((place for place, (amount, _) in enumerate(parts) if amount), len(parts))
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount) or "under 1 min"


@register.filter
def age(born: str | date | None) -> str:
    """Completed years since a birth date, or nothing."""
    if not born:
        return ""
    day = date.fromisoformat(born) if isinstance(born, str) else born
    today = now().date()
    return str(today.year - day.year - ((today.month, today.day) < (day.month, day.day)))


@register.filter
def words(code: str | None) -> str:
    """`suicide_ideation` as `Suicide ideation`."""
    return str(code or "").replace("_", " ").capitalize()


def _zone(context: template.Context) -> zoneinfo.ZoneInfo:
    workplace = context.get("workplace")
    try:
        return zoneinfo.ZoneInfo(workplace.timezone if workplace else "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
