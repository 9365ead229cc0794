"""Every statement about requests that must take effect once."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.idempotency import Answer, IdempotencyKeyInUse
from app.domain.standing import Standing
from app.models import IdempotencyRecords as Records
from app.repositories.sessions import SIGNED_IN

USER: Final = bindparam("user_id", type_=Uuid)
KEY: Final = bindparam("key", type_=String)


# The lock is tried and never waited for: the twin of a running request is told so at once, and
# costs no connection meanwhile.
def _claimed(caller: CTE) -> CTE:
    """Claim the key for the one user that `caller` returns, if any."""
    row = select(caller.c.user_id, KEY, bindparam("fingerprint", type_=LargeBinary)).where(
        is_free(caller.c.user_id)
    )
    return (
        insert(Records)
        .from_select(["user_id", "key", "fingerprint"], row)
        .on_conflict_do_nothing()
        .returning(Records.key)
        .cte("claimed")
    )


def is_free(user_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Try the lock that whoever uses a key of that user has until their transaction ends."""
    return func.pg_try_advisory_xact_lock(
        func.hashtextextended(func.concat(user_id.cast(Text), KEY), 0), type_=Boolean
    )


KEPT: Final = {
    "user_id": bindparam("kept_for", type_=Uuid),
    "key": KEY,
    "fingerprint": bindparam("fingerprint", type_=LargeBinary),
    "status": bindparam("answer_status", type_=SmallInteger),
    "location": bindparam("location", type_=String),
    "body": bindparam("body", type_=LargeBinary),
}
IS_KEY_FREE: Final = and_(
    not_(exists().where(Records.user_id == KEPT["user_id"], Records.key == KEY)),
    is_free(KEPT["user_id"]),
)


def keeping(changed: CTE) -> CTE:
    """Return what keeps a `Kept` if the CTE returns a row; it must have asked IS_KEY_FREE.

    A key that is used in this very moment is a violation of USED, and nothing is done.
    """
    row = select(*KEPT.values()).select_from(changed)
    return insert(Records).from_select(list(KEPT), row).cte("kept")


USED: Final = {"pk_idempotency_records": IdempotencyKeyInUse}
# For an instant, in a transaction of its own: the lock ends with it.
IS_SPENT: Final = Query(
    select(
        or_(
            exists().where(Records.user_id == USER, Records.key == KEY),
            not_(is_free(USER)),
        )
    ),
    bool,
)


# One statement asks who is calling and claims the key for them.
CALLER: Final = SIGNED_IN.cte("caller")
ENTER: Final = Query(
    select(*CALLER.c, exists(_claimed(CALLER).select())),
    lambda *row: (Standing(*row[:-1]), bool(row[-1])),
)
CLAIM: Final = Query(
    select(exists(_claimed(select(USER.label("user_id")).cte("caller")).select())), bool
)

FIRST: Final = Query(
    select(Records.fingerprint, Records.status, Records.location, Records.body).where(
        Records.user_id == USER, Records.key == KEY
    ),
    lambda fingerprint, *answer: (fingerprint, Answer(*answer)),
)

REMEMBER: Final = Command(
    update(Records)
    .where(Records.user_id == USER, Records.key == KEY)
    .values(status=bindparam("status"), location=bindparam("location"), body=bindparam("body"))
)

# No index serves this: it would cost every request more than it saves once an hour.
OLD: Final = (
    select(Records.user_id, Records.key)
    .where(Records.created_at < bindparam("before"))
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True)
    .cte("old")
)
FORGET: Final = Command(
    delete(Records).where(Records.user_id == OLD.c.user_id, Records.key == OLD.c.key)
)


class IdempotencyRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def enter(
        self, session_id: UUID, *, user_id: UUID, key: str, fingerprint: bytes, now: datetime
    ) -> tuple[Standing, bool] | None:
        """Return who is signed in, and whether the key is theirs now: not used, nor in use."""
        return await self.connection.first(
            ENTER,
            session_id=session_id,
            user_id=user_id,
            key=key,
            fingerprint=fingerprint,
            now=now,
        )

    async def claim(self, user_id: UUID, *, key: str, fingerprint: bytes) -> bool:
        """Tell whether the key is theirs now: not used, nor in use."""
        claimed = await self.connection.first(
            CLAIM, user_id=user_id, key=key, fingerprint=fingerprint
        )
        return claimed or False

    async def is_spent(self, user_id: UUID, key: str) -> bool:
        """Tell whether the key was used, or is in use."""
        return await self.connection.first(IS_SPENT, user_id=user_id, key=key) or False

    async def first(self, user_id: UUID, key: str) -> tuple[bytes, Answer] | None:
        """Return the first request's fingerprint and answer; None while it is running."""
        return await self.connection.first(FIRST, user_id=user_id, key=key)

    async def remember(self, user_id: UUID, key: str, answer: Answer) -> None:
        await self.connection.run(
            REMEMBER,
            user_id=user_id,
            key=key,
            status=answer.status,
            location=answer.location,
            body=answer.body,
        )

    async def forget(self, *, before: datetime, most: int) -> int:
        """Delete up to `most` records that are older; return how many."""
        return await self.connection.run(FORGET, before=before, most=most)
