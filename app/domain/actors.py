"""Who is asking."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.errors import Forbidden
from app.domain.permissions import Permission
from app.domain.roles import STAFF, Role

FRESH_FOR: Final = timedelta(minutes=10)
"""How long a password or a code that was shown is good for what is dangerous."""


class MfaSetupRequired(Forbidden):
    """Turn on your second factor first; those who work here must have one."""


class SessionRequired(Forbidden):
    """Sign in for that; an API key is not enough."""


class StepUpRequired(Forbidden):
    """Show your password or a code once more; POST /auth/step-up takes it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who is asking, signed in or by an API key.

    `permissions` are those of all roles and single ones, and with an API key no more than its
    scopes. `withheld` are those that wait for a second factor. `provider_id` where the account
    performs services; `session_id` is None, and `proved_at` too, for an API key.
    """

    user_id: UUID
    roles: frozenset[Role]
    permissions: frozenset[Permission]
    provider_id: UUID | None = None
    session_id: UUID | None = None
    proved_at: datetime | None = None
    withheld: frozenset[Permission] = field(default=frozenset())
    has_mfa: bool = False
    stepped_up_at: datetime | None = None

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def ensure_may(self, permission: Permission, detail: str | None = None) -> None:
        """Refuse with Forbidden, or tell what it waits for."""
        if permission in self.permissions:
            return
        raise MfaSetupRequired if permission in self.withheld else Forbidden(detail)

    def ensure_stepped_up(self, *, now: datetime) -> None:
        """As `ensure_proved`, and that they signed in just now is not enough."""
        if self.stepped_up_at is None or self.stepped_up_at + FRESH_FOR < now:
            raise StepUpRequired

    def ensure_proved(self, *, now: datetime) -> None:
        """Refuse with StepUpRequired unless they showed a password or a code just now."""
        if self.proved_at is None or self.proved_at + FRESH_FOR < now:
            raise StepUpRequired
