"""Every statement about proofs that an e-mail address is somebody's own."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.core.database import Connection
from app.core.errors import Contention
from app.core.messages import Message
from app.core.statements import Command, Query
from app.domain.users import User, UserStatus
from app.domain.verifications import (
    DAY,
    MOST_TRIES,
    MOST_TRIES_A_DAY,
    Addressee,
    EmailVerification,
)
from app.models import EmailVerifications, Users
from app.repositories.base import columns, parameters, values
from app.repositories.jobs import enqueue_if, job

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
EMAIL: Final = bindparam("email", type_=String)
SINCE: Final = bindparam("since", type_=DateTime(timezone=True))
ADDRESS: Final = 0x61646472  # the class of advisory locks on e-mail addresses
ID: Final = bindparam("verification_id", type_=Uuid)

LOCK: Final = Command(select(func.pg_advisory_xact_lock(func.hashtextextended(EMAIL, ADDRESS))))
END: Final = Command(
    update(EmailVerifications)
    .where(EmailVerifications.email == EMAIL, EmailVerifications.expires_at > NOW)
    .values(expires_at=NOW)
)
ADDED: Final = (
    insert(EmailVerifications)
    .values(parameters(EmailVerifications, EmailVerification))
    .returning(EmailVerifications.id)
    .cte("added")
)
ADD: Final = Command(enqueue_if(ADDED))

IS_LIVE: Final = and_(EmailVerifications.used_at.is_(None), EmailVerifications.expires_at > NOW)
Tried = aliased(EmailVerifications, name="tried")
TRIED_TODAY: Final = (
    select(func.coalesce(func.sum(Tried.tries), 0))
    .where(Tried.email == EMAIL, Tried.created_at > SINCE)
    .scalar_subquery()
)
NEWEST: Final = (
    select(Tried.id)
    .where(Tried.email == EMAIL, Tried.used_at.is_(None), Tried.expires_at > NOW)
    .order_by(Tried.created_at.desc(), Tried.id.desc())
    .limit(1)
    .scalar_subquery()
)
# Of any number of guesses at once at most MOST_TRIES get a row: a guess that waited for another
# looks at the count again.
TAKE_TRY: Final = Query(
    update(EmailVerifications)
    .where(
        EmailVerifications.id == NEWEST,
        EmailVerifications.tries < MOST_TRIES,
        TRIED_TODAY < MOST_TRIES_A_DAY,
        IS_LIVE,
    )
    .values(tries=EmailVerifications.tries + 1)
    .returning(EmailVerifications.id),
    lambda id_: id_,
)

Other = aliased(Users, name="other")
USED: Final = (
    update(EmailVerifications)
    .where(EmailVerifications.id == ID, IS_LIVE)
    .values(used_at=NOW)
    .returning(EmailVerifications.user_id)
    .cte("used")
)
NAME_IS_HELD: Final = exists().where(
    Other.username == Users.username, Other.status != UserStatus.PENDING
)
CONFIRM: Final = Query(
    update(Users)
    .where(Users.id == USED.c.user_id, Users.status == UserStatus.PENDING)
    .values(
        status=UserStatus.ACTIVE,
        email_verified_at=NOW,
        updated_at=NOW,
        username=case((NAME_IS_HELD, null()), else_=Users.username),
    )
    .returning(*columns(Users, User)),
    User,
    violations={"uq_users_username": Contention},  # claimed in this very moment: seen next time
)

WAS_ADDED: Final = Query(
    select(
        exists().where(EmailVerifications.email == EMAIL, EmailVerifications.created_at > SINCE)
    ),
    bool,
)
# A code that no longer opens anything is not sent; that somebody tried is told all the same, or
# the next try would silence it.
IS_WARNING: Final = and_(
    Users.status == UserStatus.ACTIVE,
    EmailVerifications.used_at.is_(None),
    EmailVerifications.created_at > Users.email_verified_at,
)
ADDRESSEE: Final = Query(
    select(
        Users.email,
        Users.status,
        Users.locale,
        exists()
        .where(
            Tried.email == EmailVerifications.email,
            Tried.created_at > func.greatest(SINCE, Users.email_verified_at),
            Tried.created_at < EmailVerifications.created_at,
        )
        .label("told_before"),
    )
    .select_from(EmailVerifications)
    .join(Users, Users.id == EmailVerifications.user_id)
    .where(EmailVerifications.id == ID, or_(IS_LIVE, IS_WARNING)),
    Addressee,
)
OLD: Final = (
    select(EmailVerifications.id)
    .where(EmailVerifications.created_at < SINCE, EmailVerifications.expires_at < NOW)
    .limit(bindparam("most", type_=Integer))
).cte("old")
FORGET: Final = Command(delete(EmailVerifications).where(EmailVerifications.id == OLD.c.id))


class VerificationRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock(self, email: str) -> None:
        """Let nobody else change whose address this is, until the transaction ends."""
        await self.connection.run(LOCK, email=email)

    async def withdraw(self, email: str, *, now: datetime) -> bool:
        """Lock the address, then make the codes it has worth nothing; return whether it had any.

        In this order, and before its account is touched: who confirms takes the rows that way.
        """
        await self.lock(email)
        return await self.connection.run(END, email=email, now=now) > 0

    async def add(self, verification: EmailVerification, announcing: Message) -> None:
        await self.connection.run(ADD, **values(verification), **job(announcing))

    async def added_since(self, email: str, since: datetime) -> bool:
        """Tell whether a code was asked for since then."""
        return await self.connection.first(WAS_ADDED, email=email, since=since) or False

    async def take_try(self, email: str, *, now: datetime) -> UUID | None:
        """Count a guess and return what to compare it with; None when no guess is left."""
        return await self.connection.first(TAKE_TRY, email=email, now=now, since=now - DAY)

    async def confirm(self, verification_id: UUID, *, now: datetime) -> User | None:
        """Use it up and make its pending account an active one; None when it can't be used."""
        return await self.connection.first(CONFIRM, verification_id=verification_id, now=now)

    async def addressee(
        self, verification_id: UUID, *, now: datetime, told_since: datetime
    ) -> Addressee | None:
        """Return whose letter it asks for: a code while it opens, a warning in any case."""
        return await self.connection.first(
            ADDRESSEE, verification_id=verification_id, now=now, since=told_since
        )

    async def forget(self, *, now: datetime, most: int) -> int:
        """Delete up to `most` that neither open nor count any more; return how many."""
        return await self.connection.run(FORGET, now=now, since=now - DAY, most=most)
