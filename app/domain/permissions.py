"""What somebody may do, and which roles bring it along."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from app.domain.roles import Role


class Permission(StrEnum):
    """`..._any` and `manage` reach beyond what is one's own. An API key's scopes are of these."""

    AUDIT_READ = "audit:read"
    BOOKINGS_MANAGE_ANY = "bookings:manage_any"
    BOOKINGS_READ = "bookings:read"
    BOOKINGS_READ_ANY = "bookings:read_any"
    BOOKINGS_WRITE = "bookings:write"
    CATEGORIES_MANAGE = "categories:manage"
    CHAT_MODERATE = "chat:moderate"
    CHAT_READ = "chat:read"
    CHAT_SUPPORT = "chat:support"
    CHAT_WRITE = "chat:write"
    EVENTS_MANAGE_ANY = "events:manage_any"
    EVENTS_WRITE = "events:write"
    LEDGER_READ = "ledger:read"
    NOTIFICATIONS_MANAGE = "notifications:manage"
    PAYMENTS_READ_ANY = "payments:read_any"
    PAYMENTS_REFUND_ANY = "payments:refund_any"
    PAYOUTS_MANAGE = "payouts:manage"
    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    PROMO_CODES_MANAGE_ANY = "promo_codes:manage_any"
    PROVIDERS_MANAGE_ANY = "providers:manage_any"
    REVIEWS_MODERATE = "reviews:moderate"
    ROLES_MANAGE = "roles:manage"
    SCHEDULES_WRITE = "schedules:write"
    SERVICES_MANAGE_ANY = "services:manage_any"
    SERVICES_WRITE = "services:write"
    STATS_READ = "stats:read"
    SUPER_ADMINS_MANAGE = "super_admins:manage"
    USERS_MANAGE = "users:manage"
    USERS_READ = "users:read"


P = Permission
OF_EVERYBODY: Final = frozenset(
    {
        P.BOOKINGS_READ,
        P.BOOKINGS_WRITE,
        P.CHAT_READ,
        P.CHAT_WRITE,
        P.PROFILE_READ,
        P.PROFILE_WRITE,
    }
)
OF_SUPPORT: Final = frozenset(
    {
        P.BOOKINGS_MANAGE_ANY,
        P.BOOKINGS_READ_ANY,
        P.CHAT_MODERATE,
        P.CHAT_SUPPORT,
        P.REVIEWS_MODERATE,
        P.NOTIFICATIONS_MANAGE,
        P.STATS_READ,
        P.USERS_READ,
    }
)
OF_MONEY: Final = frozenset({P.PAYMENTS_READ_ANY, P.PAYMENTS_REFUND_ANY})
OF_ROLE: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.CUSTOMER: OF_EVERYBODY,
    Role.PROVIDER: OF_EVERYBODY | {P.SCHEDULES_WRITE, P.SERVICES_WRITE},
    Role.ORGANIZER: OF_EVERYBODY | {P.EVENTS_WRITE},
    Role.MANAGEMENT: OF_EVERYBODY | OF_SUPPORT | OF_MONEY,
    Role.ACCOUNTANT: OF_EVERYBODY | OF_MONEY | {P.LEDGER_READ, P.PAYOUTS_MANAGE, P.STATS_READ},
    Role.ADMIN: frozenset(Permission) - {P.SUPER_ADMINS_MANAGE},
    Role.SUPER_ADMIN: frozenset(Permission),
}
NAMED: Final = {permission.value: permission for permission in Permission}
KNOWN: Final = 4096


@lru_cache(KNOWN)
def granted(roles: frozenset[Role], single: frozenset[Permission]) -> frozenset[Permission]:
    """Return all that roles bring along, and what was given one by one."""
    return single.union(*(OF_ROLE[role] for role in roles))


def readable(names: Iterable[str]) -> frozenset[Permission]:
    """Return the permissions of these names; one that was given up since means nothing."""
    return frozenset(NAMED[name] for name in names if name in NAMED)


def alphabetical(permissions: Collection[Permission]) -> list[Permission]:
    return sorted(permissions)
