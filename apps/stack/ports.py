"""Which addresses and ports the front door takes, checked before anything is started."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from apps.stack.errors import CannotStart

_DEFAULT_PORT = "8000"
_DEFAULT_INTERFACES = "127.0.0.1 ::1"


@dataclass(frozen=True)
class Ports:
    """The interfaces to bind (`BIND`), the plain port (`PORT`) and, if wanted, the HTTPS port (`TLS_PORT`)."""

    interfaces: tuple[str, ...]
    port: int
    tls_port: int | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Ports:
        """Raises `CannotStart` on a value that is no port or no address of this machine."""
        port = _port("PORT", environment.get("PORT") or _DEFAULT_PORT)
        tls = environment.get("TLS_PORT")
        tls_port = _port("TLS_PORT", tls) if tls else None
        if tls_port == port:
            raise CannotStart(f"PORT and TLS_PORT are both {port}; give TLS_PORT another number.")
        wanted = environment.get("BIND")
        named = (wanted or _DEFAULT_INTERFACES).replace(",", " ").split()
        interfaces = tuple(name for name in named if wanted or _has_address(name))
        for name in interfaces:
            if not _has_address(name):
                raise CannotStart(f"BIND names {name}, which is no address of this machine; set it to one that is.")
        return cls(interfaces=interfaces, port=port, tls_port=tls_port)

    @property
    def host(self) -> str:
        """The host to reach the front door at from this machine, bracketed if it is an IPv6 address."""
        first = self.interfaces[0]
        if ipaddress.ip_address(first).is_unspecified:
            first = "::1" if ":" in first else "127.0.0.1"
        return f"[{first}]" if ":" in first else first

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def tls_addresses(self) -> str:
        """The HTTPS site's addresses in the Caddyfile's form; empty without `TLS_PORT`."""
        if self.tls_port is None:
            return ""
        hosts = ["localhost", "127.0.0.1", "[::1]"]
        hosts += [host for host in (self.host,) if host not in hosts]
        return ", ".join(f"https://{host}:{self.tls_port}" for host in hosts)

    def refuse_taken(self) -> None:
        """Raise `CannotStart` when somebody listens on one of the ports already, or this user may not."""
        for name, port in (("PORT", self.port), ("TLS_PORT", self.tls_port)):
            for interface in self.interfaces if port is not None else ():
                self._refuse_taken(name, port or 0, interface)

    @staticmethod
    def _refuse_taken(name: str, port: int, interface: str) -> None:
        try:
            _listen(interface, port)
        except OSError as error:
            if error.errno == errno.EACCES:
                raise CannotStart(f"Port {port} is for root alone; set {name} to a number above 1023.") from error
            raise CannotStart(
                f"Port {port} on {interface} is taken by another program; set {name} to a free one, as in "
                f"`{name}={port + 1 if port < 65535 else 8000} make run`."
            ) from error


def _port(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:6]) <= 65535:
        raise CannotStart(f"{name} is {value[:40]!r}, which is no port; set it to a number from 1 to 65535.")
    return int(value)


def _has_address(interface: str) -> bool:
    with suppress(OSError, ValueError):
        ipaddress.ip_address(interface)
        _listen(interface, 0)
        return True
    return False


def _listen(interface: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in interface else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still winding down is free.
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind((interface, port))
        probe.listen(1)
