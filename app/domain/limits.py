"""How often who may do what, and what they are told when it was too often."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple

from app.core.errors import TooMany

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
BLOCK: Final = 64
"""Bits of an IPv6 address that tell one customer of a provider from another."""
AT_HOME: Final = 50
"""So many times as much is allowed who develops, on the machine itself."""


class Quota(StrEnum):
    CODES = "codes"
    LOGIN = "login"
    MAILS = "mails"  # what makes us send somebody a letter
    MESSAGES = "messages"  # what people write to one another
    OPENINGS = "openings"  # of conversations
    PASSWORDS = "passwords"  # shown once more within a session
    PROMO_CODES = "promo_codes"  # tried, which can be guessed
    READS = "reads"
    TEXTS = "texts"  # what makes us send somebody a text message, which costs money
    WRITES = "writes"


@dataclass(frozen=True, slots=True)
class Window:
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one address and one account may do; every window holds, the shortest is asked first."""

    address: tuple[Window, ...]
    account: tuple[Window, ...]


GUESSES: Final = (Window(10, MINUTE), Window(30, HOUR), Window(100, DAY))
ALLOWED: Final = {
    Quota.CODES: Allowance((Window(60, MINUTE), Window(300, HOUR)), GUESSES),
    Quota.LOGIN: Allowance((Window(60, MINUTE), Window(300, HOUR)), GUESSES),
    Quota.MAILS: Allowance(
        (Window(30, MINUTE), Window(300, DAY)), (Window(30, HOUR), Window(60, DAY))
    ),
    Quota.MESSAGES: Allowance((Window(300, MINUTE),), (Window(60, MINUTE), Window(600, HOUR))),
    Quota.OPENINGS: Allowance((Window(120, MINUTE),), (Window(20, MINUTE), Window(100, DAY))),
    Quota.PASSWORDS: Allowance((Window(60, MINUTE), Window(300, HOUR)), GUESSES),
    Quota.PROMO_CODES: Allowance(
        (Window(120, MINUTE), Window(1000, HOUR)), (Window(20, MINUTE), Window(100, HOUR))
    ),
    Quota.READS: Allowance((Window(6000, MINUTE),), (Window(1200, MINUTE),)),
    Quota.TEXTS: Allowance((Window(10, HOUR), Window(30, DAY)), (Window(5, HOUR), Window(10, DAY))),
    Quota.WRITES: Allowance((Window(1500, MINUTE),), (Window(300, MINUTE),)),
}
PROTECTED: Final = frozenset(
    {
        *(Quota.CODES, Quota.LOGIN, Quota.MAILS, Quota.PASSWORDS, Quota.PROMO_CODES),
        Quota.TEXTS,
    }
)
"""Quotas that protect somebody from others: they are not laid open where one develops, either."""


class Spent(NamedTuple):
    """What is left of a window after a request, and when there is all of it again."""

    quota: Quota
    window: Window
    left: int
    resets_in: int

    @property
    def share(self) -> float:
        return self.left / self.window.most


@dataclass(slots=True)
class Tally:
    """What one request has spent, so that it can be told, and is counted once.

    A request is run again when the database undid it; what it paid then, it has paid.
    """

    told: dict[Quota, Spent] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)

    def tell(self, spent: Spent) -> None:
        """Keep what is nearest to its end."""
        known = self.told.get(spent.quota)
        if known is None or spent.share <= known.share:
            self.told[spent.quota] = spent


tally: Final[ContextVar[Tally | None]] = ContextVar("tally", default=None)
"""What the request at hand has spent; None for what is no request."""


class RateLimited(TooMany):
    """You have done this too often; try again later."""


@lru_cache(maxsize=64)
def allowance(quota: Quota, *, at_home: bool) -> Allowance:
    usual = ALLOWED[quota]
    if not at_home:
        return usual
    account = usual.account if quota in PROTECTED else _more(usual.account)
    return Allowance(_more(usual.address), account)


@lru_cache(maxsize=4096)
def block_of(ip: str) -> str:
    """Return what counts as one address: of IPv6 the /64, which everybody has a whole one of."""
    address = parsed(ip)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, BLOCK), strict=False))
    return ip if address is None else str(address)


def parsed(ip: str) -> IPv4Address | IPv6Address | None:
    """Return an address, IPv4 also where it came in the clothes of IPv6; None if it is none."""
    try:
        address = ip_address(ip)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def written(ip: str) -> str | None:
    """Return an address in its one form, without a zone; None for what is none.

    A proxy may pass on whatever it was told.
    """
    address = parsed(ip)
    return None if address is None else str(address).partition("%")[0]


@lru_cache(maxsize=4096)
def is_loopback(ip: str) -> bool:
    address = parsed(ip)
    return address is not None and address.is_loopback


def _more(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    return tuple(Window(window.most * AT_HOME, window.seconds) for window in windows)
