"""Every statement about what is told at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.realtime import Admitted, Frame, FrameType
from app.domain.users import UserStatus
from app.models import FramePositions, RealtimeFrames, RealtimeTickets, Sessions, Users

CHANNEL: Final = "banister_realtime"
"""What `integrations.realtime.postgres` listens on."""
ORDERING: Final = 0x6F726472  # the class of the advisory lock on giving frames their places
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
HASH: Final = bindparam("hash", type_=LargeBinary)
MOST: Final = bindparam("most", type_=Integer)
AFTER: Final = bindparam("after", type_=BigInteger)
USER: Final = bindparam("user_id", type_=Uuid)
IS_THEIRS: Final = RealtimeFrames.user_ids.contains(array([USER]))
NEWEST: Final = func.coalesce(func.max(RealtimeFrames.position), 0)

ADD: Final = Command(
    insert(RealtimeFrames)
    .values(
        id=bindparam("id", type_=Uuid),
        type=bindparam("type", type_=String),
        data=bindparam("data", type_=Text),
        user_ids=bindparam("user_ids", type_=ARRAY(Uuid)),
    )
    .inline()
)
# A statement of its own: what is ordered after it sees everything that was ordered before.
LOCK_ORDER: Final = Command(select(func.pg_advisory_xact_lock(literal(ORDERING))))
WAITING: Final = (
    select(RealtimeFrames.id)
    .where(RealtimeFrames.position.is_(None))
    .order_by(RealtimeFrames.arrived)
    .limit(MOST)
    .subquery("waiting")
)
PLACED: Final = select(WAITING.c.id, FramePositions.next_value().label("position")).cte("placed")
ORDER: Final = Command(
    update(RealtimeFrames)
    .where(RealtimeFrames.id == PLACED.c.id)
    .values(position=PLACED.c.position, ordered_at=NOW)
)

WHOLE: Final = (
    RealtimeFrames.position,
    RealtimeFrames.id,
    RealtimeFrames.type,
    RealtimeFrames.data,
    RealtimeFrames.user_ids,
)


def _frame(position: int, id_: UUID, type_: FrameType, data: str, user_ids: list[UUID]) -> Frame:
    return Frame(position, id_, type_, data, tuple(user_ids))


SINCE: Final = Query(
    select(*WHOLE)
    .where(RealtimeFrames.position > AFTER)
    .order_by(RealtimeFrames.position)
    .limit(MOST),
    _frame,
)
OF_USER: Final = Query(
    select(*WHOLE)
    .where(
        RealtimeFrames.position > AFTER,
        RealtimeFrames.position <= bindparam("until", type_=BigInteger),
        IS_THEIRS,
    )
    .order_by(RealtimeFrames.position)
    .limit(MOST),
    _frame,
)
PLACE: Final = Query(
    select(RealtimeFrames.position).where(
        RealtimeFrames.id == bindparam("id", type_=Uuid),
        RealtimeFrames.position.is_not(None),
        IS_THEIRS,
    ),
    int,
)
LAST: Final = Query(select(NEWEST), int)
# From the front, whatever clocks say: of a frame that is still there, all that follow are too.
OLD: Final = (
    select(RealtimeFrames.id)
    .where(
        RealtimeFrames.position
        <= select(func.max(RealtimeFrames.position))
        .where(RealtimeFrames.ordered_at < bindparam("before", type_=DateTime(timezone=True)))
        .scalar_subquery()
    )
    .order_by(RealtimeFrames.position)
    .limit(MOST)
    .cte("old")
)
FORGET: Final = Command(delete(RealtimeFrames).where(RealtimeFrames.id == OLD.c.id))

ISSUE: Final = Command(
    insert(RealtimeTickets)
    .from_select(
        ["hash", "session_id", "position", "expires_at"],
        select(
            HASH,
            bindparam("session_id", type_=Uuid),
            NEWEST,
            bindparam("expires_at", type_=DateTime(timezone=True)),
        ),
    )
    .inline()
)
USED: Final = (
    delete(RealtimeTickets)
    .where(RealtimeTickets.hash == HASH)
    .returning(RealtimeTickets.session_id, RealtimeTickets.position, RealtimeTickets.expires_at)
    .cte("used")
)
IS_LIVE: Final = and_(
    Sessions.revoked_at.is_(None), Sessions.expires_at > NOW, Users.status == UserStatus.ACTIVE
)
REDEEM: Final = Query(
    select(Sessions.user_id, Sessions.id.label("session_id"), USED.c.position)
    .select_from(USED)
    .join(Sessions, Sessions.id == USED.c.session_id)
    .join(Users, Users.id == Sessions.user_id)
    .where(USED.c.expires_at > NOW, IS_LIVE),
    Admitted,
)
LIVE_OF: Final = Query(
    select(Sessions.id)
    .join(Users, Users.id == Sessions.user_id)
    .where(Sessions.id == any_(bindparam("session_ids", type_=ARRAY(Uuid))), IS_LIVE),
    lambda session_id: session_id,
)
LAPSED: Final = (
    select(RealtimeTickets.hash).where(RealtimeTickets.expires_at <= NOW).limit(MOST).cte("lapsed")
)
FORGET_TICKETS: Final = Command(
    delete(RealtimeTickets).where(RealtimeTickets.hash == LAPSED.c.hash)
)

# All in one transaction: a NOTIFY takes a lock that all commits share, so it is taken once.
NOTIFY: Final = Command(
    select(func.pg_notify(literal(CHANNEL), func.unnest(bindparam("words", type_=ARRAY(Text)))))
)


class RealtimeRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, id_: UUID, type_: FrameType, data: str, user_ids: Sequence[UUID]) -> None:
        await self.connection.run(ADD, id=id_, type=type_, data=data, user_ids=list(user_ids))

    async def order(self, *, now: datetime, most: int) -> int:
        """Give the next places to up to `most` frames that were committed; return to how many.

        One process at a time, until the transaction ends: so places can be seen in their order.
        """
        await self.connection.run(LOCK_ORDER)
        return await self.connection.run(ORDER, now=now, most=most)

    async def since(self, after: int, *, most: int) -> list[Frame]:
        """Return the frames after that place, the first `most` of them in their order."""
        return await self.connection.all(SINCE, after=after, most=most)

    async def of_user(self, user_id: UUID, *, after: int, until: int, most: int) -> list[Frame]:
        """As `since`, those of one user, and none after `until`."""
        return await self.connection.all(
            OF_USER, user_id=user_id, after=after, until=until, most=most
        )

    async def place(self, id_: UUID, *, user_id: UUID) -> int | None:
        """Return where a frame of that user stands; None if there is no such one any more."""
        return await self.connection.first(PLACE, id=id_, user_id=user_id)

    async def last(self) -> int:
        """Return the place of the newest frame, 0 where there is none."""
        return await self.connection.first(LAST) or 0

    async def forget(self, *, before: datetime, most: int) -> int:
        """Delete up to `most` of what got its place before that, the first; return how many."""
        return await self.connection.run(FORGET, before=before, most=most)

    async def notify(self, words: Sequence[str]) -> None:
        """Say words to every process that listens on CHANNEL, when this is committed."""
        await self.connection.run(NOTIFY, words=list(words))

    async def issue(self, hash_: bytes, *, session_id: UUID, expires_at: datetime) -> None:
        await self.connection.run(ISSUE, hash=hash_, session_id=session_id, expires_at=expires_at)

    async def redeem(self, hash_: bytes, *, now: datetime) -> Admitted | None:
        """Take a ticket away; return whose it was, if it was good and so is the session."""
        return await self.connection.first(REDEEM, hash=hash_, now=now)

    async def live(self, session_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
        """Return those of the sessions that have not ended, of users who may come in."""
        return await self.connection.all(LIVE_OF, session_ids=list(session_ids), now=now)

    async def forget_tickets(self, *, now: datetime, most: int) -> int:
        return await self.connection.run(FORGET_TICKETS, now=now, most=most)
