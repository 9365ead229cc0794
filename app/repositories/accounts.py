"""Every statement about accounts as those see them who look after them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    DateTime,
    String,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, array, insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.accounts import AccountFilter, AccountSort
from app.domain.providers import Provider, ProviderStatus
from app.domain.roles import Role
from app.domain.users import User, UserStatus
from app.models import Providers, Users
from app.repositories.base import Listing, columns, parameters, values
from app.repositories.searching import PATTERN
from app.repositories.users import TAKEN

COLUMNS: Final = columns(Users, User)
CHANGING: Final = (
    *("full_name", "username", "phone", "locale", "timezone"),
    *("roles", "permissions", "requested_role", "status", "updated_at"),
)
NEVER: Final = literal(datetime(1970, 1, 1, tzinfo=UTC), DateTime(timezone=True))
SUPER_ADMINS: Final = 0x73757072  # the class of the advisory lock on being one

LOCK_ALL: Final = Query(
    select(*COLUMNS)
    .where(Users.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(Users.id)
    .with_for_update(),
    User,
)
CHANGE: Final = Command(
    update(Users)
    .where(Users.id == bindparam("user_id"))
    .values({name: bindparam(name, type_=Users.__table__.c[name].type) for name in CHANGING}),
    violations=TAKEN,
)

LOCK_SUPER_ADMINS: Final = Command(select(func.pg_advisory_xact_lock(literal(SUPER_ADMINS))))
ANOTHER_SUPER_ADMIN: Final = Query(
    select(
        exists().where(
            Users.id != bindparam("user_id", type_=Uuid),
            Users.status == UserStatus.ACTIVE,
            Users.roles.contains(array([literal(str(Role.SUPER_ADMIN), String(20))])),
        )
    ),
    bool,
)

PROVIDER: Final = insert(Providers).values(parameters(Providers, Provider))
OPEN: Final = Command(
    PROVIDER.on_conflict_do_update(
        index_elements=[Providers.user_id],
        set_={
            "status": ProviderStatus.ACTIVE,
            "hours_version": Providers.hours_version + 1,
            "updated_at": PROVIDER.excluded.updated_at,
        },
    )
)
CLOSE: Final = Command(
    update(Providers)
    .where(Providers.user_id == bindparam("user_id"), Providers.status != ProviderStatus.INACTIVE)
    .values(
        status=ProviderStatus.INACTIVE,
        hours_version=Providers.hours_version + 1,  # who is booking them now is told
        updated_at=bindparam("now"),
    )
)

MATCHING: Final = Listing(
    Users,
    User,
    filters={
        "q": Users.searched.like(PATTERN),
        "role": Users.roles.contains(array([bindparam("role", type_=String(20))])),
        "status": Users.status == bindparam("status"),
        "is_kept": Users.erased_at.is_(None) == bindparam("is_kept", type_=Boolean),
        "created_from": Users.created_at >= bindparam("created_from"),
        "created_before": Users.created_at < bindparam("created_before"),
        "requested_role": Users.requested_role == bindparam("requested_role"),
    },
    sorts={
        "created_at": Users.created_at,
        "email": Users.email,
        "full_name": func.coalesce(Users.full_name, ""),
        "last_login_at": func.coalesce(Users.last_login_at, NEVER),
    },
)


class AccountRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock_all(self, user_ids: Sequence[UUID]) -> list[User]:
        """Return those that are there, locked in the order of their ids."""
        return await self.connection.all(LOCK_ALL, ids=list(user_ids))

    async def change(self, user: User) -> None:
        """Write what may be changed for somebody else; refuse with UsernameTaken."""
        written = {name: getattr(user, name) for name in CHANGING}
        await self.connection.run(CHANGE, user_id=user.id, **written)

    async def lock_super_admins(self) -> None:
        """Let nobody else stop being a super administrator until the transaction ends."""
        await self.connection.run(LOCK_SUPER_ADMINS)

    async def is_there_another_super_admin(self, user_id: UUID) -> bool:
        """Tell whether somebody else is one, and active."""
        return await self.connection.first(ANOTHER_SUPER_ADMIN, user_id=user_id) or False

    async def open_provider(self, provider: Provider) -> None:
        """Let an account be booked: as the provider given, or as the one it was before."""
        await self.connection.run(OPEN, **values(provider))

    async def close_provider(self, user_id: UUID, *, now: datetime) -> None:
        """Take an account that performs services, if it does, out of what can be booked."""
        await self.connection.run(CLOSE, user_id=user_id, now=now)

    async def matching(
        self, wanted: AccountFilter, request: PageRequest[AccountSort]
    ) -> Page[User]:
        return await MATCHING.page(self.connection, wanted, request)
