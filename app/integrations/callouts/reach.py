"""Who may be called: which addresses are public, and how an address must look.

A name is judged by all that it leads to, and what is then called is one of those very addresses,
so that it can't lead elsewhere a moment later (DNS rebinding).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM
from typing import Final
from urllib.parse import SplitResult, urlsplit

from app.domain.callouts import AddressRefused

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
PORTS: Final = {"https": 443, "http": 80}
AS_HTTPS: Final = ("webcal", "webcals")
# What is given out to the world. `is_global` says so too of what leads back into IPv4 (NAT64,
# 6to4, Teredo), to whose addresses the rules for IPv4 would have to be applied again.
GIVEN_OUT: Final = ip_network("2000::/3")
INTO_IPV4: Final = tuple(
    map(ip_network, ("2001::/32", "2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "::/96"))
)


@dataclass(frozen=True, slots=True)
class Reach:
    """`privately`: also to this machine and those around it, on any port; for tests alone."""

    schemes: frozenset[str] = frozenset({"https"})
    privately: bool = False

    def checked(self, url: str) -> str:
        """Return it as it is called: with webcal as https, and without a fragment."""
        parts = _split(url)
        if parts.scheme in AS_HTTPS:
            parts = parts._replace(scheme="https")
        if not self._allows(parts):
            raise AddressRefused
        if (address := _literal(parts.hostname or "")) and not self.allows(address):
            raise AddressRefused
        return parts._replace(fragment="").geturl()

    def allows(self, address: str) -> bool:
        return self.privately or is_public(address)

    def _allows(self, parts: SplitResult) -> bool:
        is_plain = parts.username is None and parts.password is None and bool(parts.hostname)
        if parts.scheme not in self.schemes or not is_plain:
            return False
        return self.privately or parts.port in (None, *PORTS.values())


def is_public(address: str) -> bool:
    """Tell whether an address is somebody's on the Internet, and no way into a network of ours."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast and not found.is_reserved
    return _is_public_v6(found)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address not in GIVEN_OUT or not address.is_global:
        return False
    return not any(address in network for network in INTO_IPV4)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return all addresses of a name, as the system finds them; OSError where there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        assert parts.port != 0
    except (AssertionError, ValueError):
        raise AddressRefused from None
    if not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused
    return parts


def _literal(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None
