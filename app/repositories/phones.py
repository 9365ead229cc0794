"""Every statement about proving that a phone number is one's own."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.messages import Message
from app.core.statements import Command, Query
from app.domain.phones import MOST_TRIES, Called, PhoneVerification
from app.domain.users import UserStatus
from app.models import PhoneVerifications, Users
from app.repositories.base import parameters, values
from app.repositories.jobs import enqueue_if, job

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
ID: Final = bindparam("verification_id", type_=Uuid)
USER: Final = bindparam("user_id", type_=Uuid)
IS_LIVE: Final = and_(PhoneVerifications.used_at.is_(None), PhoneVerifications.expires_at > NOW)

ADDED: Final = (
    insert(PhoneVerifications)
    .values(parameters(PhoneVerifications, PhoneVerification))
    .returning(PhoneVerifications.id)
    .cte("added")
)
ADD: Final = Command(enqueue_if(ADDED))
WITHDRAW: Final = Command(
    update(PhoneVerifications)
    .where(PhoneVerifications.user_id == USER, IS_LIVE)
    .values(expires_at=NOW)
)
NEWEST: Final = (
    select(PhoneVerifications.id)
    .where(PhoneVerifications.user_id == USER, IS_LIVE)
    .order_by(PhoneVerifications.created_at.desc(), PhoneVerifications.id.desc())
    .limit(1)
    .scalar_subquery()
)
# Of any number of guesses at once at most MOST_TRIES get a row: a guess that waited for another
# looks at the count again.
TAKE_TRY: Final = Query(
    update(PhoneVerifications)
    .where(
        PhoneVerifications.id == NEWEST,
        PhoneVerifications.tries < MOST_TRIES,
        IS_LIVE,
    )
    .values(tries=PhoneVerifications.tries + 1)
    .returning(PhoneVerifications.id),
    lambda id_: id_,
)
USED: Final = (
    update(PhoneVerifications)
    .where(PhoneVerifications.id == ID, IS_LIVE)
    .values(used_at=NOW)
    .returning(PhoneVerifications.user_id, PhoneVerifications.phone)
    .cte("used")
)
# The number of the profile may be another by now, and that one nobody has shown to be theirs.
CONFIRM: Final = Command(
    update(Users)
    .where(Users.id == USED.c.user_id, Users.phone == USED.c.phone)
    .values(phone_verified_at=NOW, updated_at=NOW)
)
CALLED: Final = Query(
    select(PhoneVerifications.phone, Users.locale, PhoneVerifications.tried_at)
    .select_from(PhoneVerifications)
    .join(Users, Users.id == PhoneVerifications.user_id)
    .where(
        PhoneVerifications.id == ID,
        IS_LIVE,
        Users.phone == PhoneVerifications.phone,
        Users.status == UserStatus.ACTIVE,
    ),
    Called,
)
TRY: Final = Command(
    update(PhoneVerifications)
    .where(PhoneVerifications.id == ID)
    .values(tried_at=func.coalesce(PhoneVerifications.tried_at, NOW))
)
OLD: Final = (
    select(PhoneVerifications.id)
    .where(PhoneVerifications.created_at < bindparam("since", type_=DateTime(timezone=True)))
    .limit(bindparam("most", type_=Integer))
    .cte("old")
)
FORGET: Final = Command(delete(PhoneVerifications).where(PhoneVerifications.id == OLD.c.id))


class PhoneRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def withdraw(self, user_id: UUID, *, now: datetime) -> None:
        """Make the codes that an account has worth nothing; it must be locked."""
        await self.connection.run(WITHDRAW, user_id=user_id, now=now)

    async def add(self, verification: PhoneVerification, announcing: Message) -> None:
        await self.connection.run(ADD, **values(verification), **job(announcing))

    async def take_try(self, user_id: UUID, *, now: datetime) -> UUID | None:
        """Count a guess and return what to compare it with; None when no guess is left."""
        return await self.connection.first(TAKE_TRY, user_id=user_id, now=now)

    async def confirm(self, verification_id: UUID, *, now: datetime) -> bool:
        """Use it up, and mark its number as the owner's; False when it is no longer theirs."""
        return await self.connection.run(CONFIRM, verification_id=verification_id, now=now) == 1

    async def called(self, verification_id: UUID, *, now: datetime) -> Called | None:
        """Return where the code of one that still opens goes."""
        return await self.connection.first(CALLED, verification_id=verification_id, now=now)

    async def note_try(self, verification_id: UUID, *, now: datetime) -> None:
        """Note that the code is about to be handed over, unless that was noted before."""
        await self.connection.run(TRY, verification_id=verification_id, now=now)

    async def forget(self, *, since: datetime, most: int) -> int:
        """Delete up to `most` that were asked for before then; return how many."""
        return await self.connection.run(FORGET, since=since, most=most)
