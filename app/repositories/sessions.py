"""Every statement about who is signed in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, bindparam, select

from app.core.database import Connection
from app.core.statements import Query
from app.domain.actors import Actor, Role
from app.domain.users import UserStatus
from app.models import Providers, Sessions, Users

IS_LIVE: Final = and_(
    Sessions.id == bindparam("session_id"),
    Sessions.user_id == bindparam("user_id"),
    Sessions.revoked_at.is_(None),
    Sessions.expires_at > bindparam("now"),
    Users.status == UserStatus.ACTIVE,
)
SIGNED_IN: Final = (
    select(Sessions.user_id, Users.roles, Providers.id.label("provider_id"))
    .join(Users, Users.id == Sessions.user_id)
    .outerjoin(Providers, Providers.user_id == Users.id)
    .where(IS_LIVE)
)


def actor(user_id: UUID, roles: Iterable[str], provider_id: UUID | None) -> Actor:
    return Actor(user_id, frozenset(map(Role, roles)), provider_id)


LIVE: Final = Query(SIGNED_IN, actor)


class SessionRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def live(self, session_id: UUID, *, user_id: UUID, now: datetime) -> Actor | None:
        """Return who is signed in with this session, unless it ended or was revoked."""
        return await self.connection.first(LIVE, session_id=session_id, user_id=user_id, now=now)
