"""Who is asking."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID


class Role(StrEnum):
    CUSTOMER = "customer"
    PROVIDER = "provider"
    ORGANIZER = "organizer"
    MANAGEMENT = "management"
    ACCOUNTANT = "accountant"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"


ADMINS: Final = frozenset({Role.ADMIN, Role.SUPER_ADMIN})
STAFF: Final = ADMINS | {Role.MANAGEMENT}


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user; `provider_id` where the account performs services."""

    user_id: UUID
    roles: frozenset[Role]
    provider_id: UUID | None = None

    @property
    def is_admin(self) -> bool:
        return not self.roles.isdisjoint(ADMINS)

    @property
    def is_staff(self) -> bool:
        """Whether they may look after everybody's bookings: support and administrators."""
        return not self.roles.isdisjoint(STAFF)
