"""Every statement that looks for mistakes in the books. All of them are read, some at a time."""

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, cast, func, literal, select

from app.core.database import Connection
from app.core.statements import Query
from app.domain.books import Mistake, MistakeKind
from app.domain.ledger import AccountKind
from app.models import LedgerAccounts, LedgerEntries, LedgerPostings

AT_ONCE: Final = 10_000
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
AFTER, END = bindparam("after", type_=Uuid), bindparam("end", type_=Uuid)
MOST: Final = bindparam("most", type_=BigInteger)
POSTED: Final = cast(func.coalesce(func.sum(LedgerPostings.amount), 0), BigInteger)


def _end(ids: Any) -> Query[UUID]:
    """Return where the next lot of a table ends."""
    last = select(ids).where(ids > AFTER).order_by(ids)
    at_once = bindparam("at_once", type_=BigInteger)
    return Query(last.offset(at_once).limit(1), lambda id_: id_)


def _mistake(kind: str, *rest: Any) -> Mistake:
    return Mistake(MistakeKind(kind), *rest)


# One statement for both sides: what is written between two would be taken for a mistake.
MISCOUNTED: Final = Query(
    select(
        literal(MistakeKind.MISCOUNTED.value),
        LedgerAccounts.id,
        LedgerAccounts.currency,
        POSTED,
        LedgerAccounts.balance,
    )
    .outerjoin(LedgerPostings, LedgerPostings.account_id == LedgerAccounts.id)
    .where(LedgerAccounts.id > AFTER, LedgerAccounts.id <= END)
    .group_by(LedgerAccounts.id)
    .having(LedgerAccounts.balance != POSTED)
    .order_by(LedgerAccounts.id)
    .limit(MOST),
    _mistake,
)
UNBALANCED: Final = Query(
    select(
        literal(MistakeKind.UNBALANCED.value),
        LedgerPostings.entry_id,
        LedgerPostings.currency,
        literal(0),
        POSTED,
    )
    .where(LedgerPostings.entry_id > AFTER, LedgerPostings.entry_id <= END)
    .group_by(LedgerPostings.entry_id, LedgerPostings.currency)
    .having(POSTED != 0)
    .order_by(LedgerPostings.entry_id)
    .limit(MOST),
    _mistake,
)
UNDER_ZERO: Final = Query(
    select(
        literal(MistakeKind.UNDER_ZERO.value),
        LedgerAccounts.id,
        LedgerAccounts.currency,
        literal(0),
        LedgerAccounts.balance,
    )
    .where(
        LedgerAccounts.kind == AccountKind.CUSTOMER_WALLET,
        LedgerAccounts.balance < 0,
        LedgerAccounts.id > AFTER,
        LedgerAccounts.id <= END,
    )
    .order_by(LedgerAccounts.id)
    .limit(MOST),
    _mistake,
)
ENDS: Final = {
    MISCOUNTED: _end(LedgerAccounts.id),
    UNBALANCED: _end(LedgerEntries.id),
    UNDER_ZERO: _end(LedgerAccounts.id),
}


class BookCheckRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def found(self, *, most: int) -> list[Mistake]:
        """Return so many mistakes of each kind."""
        mistakes: list[Mistake] = []
        for check, end in ENDS.items():
            left = most
            async for after, until in self._lots(end):
                some = await self.connection.all(check, after=after, end=until, most=left)
                mistakes += some
                left -= len(some)
                if not left:
                    break
        return mistakes

    async def _lots(self, end: Query[UUID]) -> AsyncIterator[tuple[UUID, UUID]]:
        """Yield after which id each lot of a table begins, and with which it ends."""
        after: UUID | None = FIRST
        while after is not None:
            until = await self.connection.first(end, after=after, at_once=AT_ONCE - 1)
            yield after, until or LAST
            after = until
