"""The client's address, believed only from trusted proxies.

`TRUSTED_PROXIES` lists networks (CIDR) and, as `unix`, the UNIX socket that the front door speaks through. From the
right, the first forwarded address that is no trusted proxy is the client; a header made up by a client stands to
the left of that and changes nothing.
"""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    peer = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    address = peer
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    trusted = tuple(settings.TRUSTED_PROXIES)
    while hops and _is_trusted(address, trusted):
        address = hops.pop()
    return _written(address)


@lru_cache(maxsize=4096)
def _written(address: str) -> str | None:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unix" in trusted and address in {"", "unix", "unix:"}
    return any(ip in ipaddress.ip_network(each) for each in trusted if each != "unix")
