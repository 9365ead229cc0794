"""Every statement about accounts."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    String,
    Uuid,
    all_,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.core.database import Connection
from app.core.errors import Contention
from app.core.statements import Command, Query
from app.domain.providers import Provider
from app.domain.roles import Role
from app.domain.users import User, UsernameTaken, UserStatus
from app.models import EmailChanges, Providers, Users
from app.repositories.base import columns, parameters, values

COLUMNS: Final = columns(Users, User)
TAKEN: Final = {"uq_users_username": UsernameTaken}

BY_ID: Final = Query(select(*COLUMNS).where(Users.id == bindparam("id")), User)
BY_EMAIL: Final = Query(select(*COLUMNS).where(Users.email == bindparam("email")), User)
LOCK: Final = Query(select(*COLUMNS).where(Users.id == bindparam("id")).with_for_update(), User)
ID_OF: Final = Query(select(Users.id).where(Users.email == bindparam("email")), lambda id_: id_)

HOLDS_NAME: Final = Users.username == bindparam("username"), Users.status != UserStatus.PENDING
NAME_IS_HELD: Final = Query(select(exists().where(*HOLDS_NAME)), bool)

FORGET_PENDING: Final = Query(
    delete(Users)
    .where(Users.email == bindparam("email"), Users.status == UserStatus.PENDING)
    .returning(Users.password_hash),
    lambda hash_: hash_,
)

# Whether the address is new or not, one row comes back: whose account it is now. A pending one
# is nobody's, and was forgotten before.
ADDED: Final = (
    insert(Users)
    .values(parameters(Users, User))
    .on_conflict_do_nothing(index_elements=[Users.email])
    .returning(Users.id)
    .cte("added")
)
OWNER: Final[ColumnElement[Any]] = func.coalesce(
    select(ADDED.c.id).scalar_subquery(),
    select(Users.id)
    .where(Users.email == bindparam("email", type_=String), Users.status != UserStatus.PENDING)
    .scalar_subquery(),
    type_=Users.id.type,
)
ADD: Final = Query(select(OWNER.label("owner")), lambda owner: owner, violations=TAKEN)

ADD_PROVIDER: Final = Command(
    insert(Providers)
    .values(parameters(Providers, Provider))
    .on_conflict_do_nothing(index_elements=[Providers.user_id])
)

CHANGE: Final = Command(
    update(Users)
    .where(Users.id == bindparam("user_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                *("full_name", "username", "phone", "phone_verified_at"),
                *("locale", "timezone", "updated_at"),
            )
        }
    ),
    violations=TAKEN,
)

GRANT: Final = Command(
    update(Users)
    .where(Users.id == bindparam("user_id"), bindparam("role", type_=String) != all_(Users.roles))
    .values(
        roles=func.array_append(Users.roles, bindparam("role", type_=String)),
        updated_at=bindparam("now"),
    )
)

KEEP_HASH: Final = Command(
    update(Users)
    .where(Users.id == bindparam("user_id"), Users.password_hash == bindparam("old"))
    .values(password_hash=bindparam("new"))
)
CHANGE_PASSWORD: Final = Command(
    update(Users)
    .where(Users.id == bindparam("user_id"), Users.status == UserStatus.ACTIVE)
    .values(password_hash=bindparam("password_hash"), updated_at=bindparam("now"))
)

Other = aliased(Users, name="other")
# Who begins an account with that address in this very moment is seen when it is run again.
MOVE: Final = Command(
    update(Users)
    .where(
        Users.id == bindparam("user_id"),
        Users.status == UserStatus.ACTIVE,
        ~exists().where(Other.email == bindparam("email", type_=String)),
    )
    .values(
        email=bindparam("email", type_=String),
        email_verified_at=bindparam("now"),
        updated_at=bindparam("now"),
    ),
    violations={"uq_users_email": Contention},
)
PENDING_EMAIL: Final = (
    select(EmailChanges.email)
    .where(
        EmailChanges.user_id == Users.id,
        EmailChanges.ended_at.is_(None),
        EmailChanges.expires_at > bindparam("now", type_=DateTime(timezone=True)),
    )
    .scalar_subquery()
)
WITH_PENDING_EMAIL: Final = Query(
    select(*COLUMNS, PENDING_EMAIL.label("pending_email")).where(
        Users.id == bindparam("id", type_=Uuid)
    ),
    lambda *row: (User(*row[:-1]), row[-1]),
)


class UserRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, user_id: UUID) -> User | None:
        return await self.connection.first(BY_ID, id=user_id)

    async def lock(self, user_id: UUID) -> User | None:
        return await self.connection.first(LOCK, id=user_id)

    async def with_pending_email(
        self, user_id: UUID, *, now: datetime
    ) -> tuple[User, str | None] | None:
        """Return an account, and the address it is about to move to."""
        return await self.connection.first(WITH_PENDING_EMAIL, id=user_id, now=now)

    async def with_email(self, email: str) -> User | None:
        return await self.connection.first(BY_EMAIL, email=email)

    async def id_of(self, email: str) -> UUID | None:
        return await self.connection.first(ID_OF, email=email)

    async def holds_name(self, username: str) -> bool:
        """Tell whether somebody has this username; a pending account only wishes for one."""
        return await self.connection.first(NAME_IS_HELD, username=username) or False

    async def forget_pending(self, email: str) -> list[str | None]:
        """Delete the account of this address if nobody ever confirmed it; return its hash if so."""
        return await self.connection.all(FORGET_PENDING, email=email)

    async def add(self, user: User) -> UUID | None:
        """Insert the account unless its address has one; return whose account it is now.

        None: another transaction made one just now. Begin again to see it.
        """
        return await self.connection.first(ADD, **values(user))

    async def add_provider(self, provider: Provider) -> None:
        """Make an account one that performs services, unless it is."""
        await self.connection.run(ADD_PROVIDER, **values(provider))

    async def change(self, user: User) -> None:
        """Write what the owner may change; refuse with UsernameTaken."""
        await self.connection.run(
            CHANGE,
            user_id=user.id,
            full_name=user.full_name,
            username=user.username,
            phone=user.phone,
            phone_verified_at=user.phone_verified_at,
            locale=user.locale,
            timezone=user.timezone,
            updated_at=user.updated_at,
        )

    async def grant(self, user_id: UUID, role: Role, *, now: datetime) -> bool:
        """Add a role; return False when they have it."""
        return await self.connection.run(GRANT, user_id=user_id, role=role, now=now) == 1

    async def change_password(self, user_id: UUID, password_hash: str, *, now: datetime) -> bool:
        """Replace the password of an active account; False when it is not one."""
        changed = await self.connection.run(
            CHANGE_PASSWORD, user_id=user_id, password_hash=password_hash, now=now
        )
        return changed == 1

    async def move(self, user_id: UUID, email: str, *, now: datetime) -> bool:
        """Give an active account another, confirmed address; False where somebody has it."""
        return await self.connection.run(MOVE, user_id=user_id, email=email, now=now) == 1

    async def keep_hash(self, user: User, new: str) -> None:
        """Replace the hash that was seen; a password changed meanwhile stays."""
        await self.connection.run(KEEP_HASH, user_id=user.id, old=user.password_hash, new=new)
