"""What the database says of somebody who is asking."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.actors import Actor
from app.domain.permissions import Permission, granted, readable
from app.domain.roles import STAFF, Role

OF_CUSTOMERS: Final = frozenset({Role.CUSTOMER, Role.PROVIDER, Role.ORGANIZER})


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides what somebody may do, as it was read with their session or API key."""

    user_id: UUID
    roles: list[str]
    permissions: list[str]
    provider_id: UUID | None
    has_mfa: bool
    session_id: UUID | None
    proved_at: datetime | None
    stepped_up_at: datetime | None

    def actor(self, *, staff_need_mfa: bool, scopes: frozenset[Permission] | None = None) -> Actor:
        """Return who that makes them.

        Where those who work here need a second factor, what they may beyond a customer waits for
        it. `scopes` is what an API key is limited to.
        """
        roles = frozenset(map(Role, self.roles))
        allowed = granted(roles, readable(self.permissions))
        withheld: frozenset[Permission] = frozenset()
        if staff_need_mfa and not self.has_mfa and not roles.isdisjoint(STAFF):
            withheld = allowed - granted(roles & OF_CUSTOMERS, frozenset())
        if scopes is not None:
            allowed &= scopes
        return Actor(
            self.user_id,
            roles,
            allowed - withheld,
            self.provider_id,
            self.session_id,
            self.proved_at,
            withheld,
            self.has_mfa,
            self.stepped_up_at,
        )
