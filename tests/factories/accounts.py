"""People, and what they carry to be let in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.bootstrap import Adapters
from app.core.database import Connection
from app.core.i18n import Locale
from app.core.ids import new_id
from app.core.statements import Command
from app.core.tokens import Claims
from app.domain.actors import Actor
from app.domain.roles import Role
from app.domain.standing import Standing
from app.domain.users import User, UserStatus
from app.models import Sessions, Users
from app.repositories.base import values
from tests.factories.clock import NOW


async def make_user(connection: Connection, *roles: Role, **changes: Any) -> User:
    id_ = new_id()
    made: dict[str, Any] = {
        "id": id_,
        "email": f"{id_.hex}@example.com",
        "username": None,
        "full_name": "Ada Person",
        "phone": None,
        "password_hash": None,
        "roles": [str(role) for role in roles or (Role.CUSTOMER,)],
        "permissions": [],
        "requested_role": None,
        "status": UserStatus.ACTIVE,
        "locale": Locale.EN,
        "timezone": "Europe/Berlin",
        "photo_id": None,
        "email_verified_at": NOW,
        "last_login_at": None,
        "erased_at": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    user = User(**{**made, **changes})
    await connection.run(Command(insert(Users).values(values(user))))
    return user


def actor_of(user: User, **changes: Any) -> Actor:
    """Return who such an account makes its owner, once they have signed in."""
    known = Standing(
        user_id=user.id,
        roles=user.roles,
        permissions=user.permissions,
        provider_id=None,
        has_mfa=False,
        session_id=new_id(),
        proved_at=NOW,
        stepped_up_at=None,
    )
    return replace(known, **changes).actor(staff_need_mfa=False)


async def sign_in(
    connection: Connection, adapters: Adapters, *roles: Role, user_id: UUID | None = None
) -> dict[str, str]:
    """Return the headers of somebody with a live session: a new user, or the one named."""
    if user_id is None:
        user_id = (await make_user(connection, *roles)).id
    session_id, now = new_id(), adapters.clock()
    row = {
        "id": session_id,
        "user_id": user_id,
        "device": None,
        "created_at": now,
        "last_used_at": now,
        "expires_at": now + timedelta(days=1),
        "revoked_at": None,
        "ip": "192.0.2.1",
        "user_agent": None,
        "proved_at": now,
    }
    await connection.run(Command(insert(Sessions).values(row)))
    token = adapters.tokens.sign(Claims(user_id, session_id), lasts=timedelta(hours=12))
    return {"Authorization": f"Bearer {token}"}
