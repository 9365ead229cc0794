"""Every statement that looks for mistakes in the books. Each reads all of them."""

from typing import Final

from sqlalchemy import BigInteger, bindparam, cast, func, literal, select

from app.core.database import Connection
from app.core.statements import Query
from app.domain.books import Mistake, MistakeKind
from app.domain.ledger import AccountKind
from app.models import LedgerAccounts, LedgerPostings

MOST: Final = bindparam("most", type_=BigInteger)
POSTED: Final = cast(func.coalesce(func.sum(LedgerPostings.amount), 0), BigInteger)
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
    .group_by(LedgerAccounts.id)
    .having(LedgerAccounts.balance != POSTED)
    .order_by(LedgerAccounts.id)
    .limit(MOST),
    lambda kind, *rest: Mistake(MistakeKind(kind), *rest),
)
UNBALANCED: Final = Query(
    select(
        literal(MistakeKind.UNBALANCED.value),
        LedgerPostings.entry_id,
        LedgerPostings.currency,
        literal(0),
        POSTED,
    )
    .group_by(LedgerPostings.entry_id, LedgerPostings.currency)
    .having(POSTED != 0)
    .order_by(LedgerPostings.entry_id)
    .limit(MOST),
    lambda kind, *rest: Mistake(MistakeKind(kind), *rest),
)
UNDER_ZERO: Final = Query(
    select(
        literal(MistakeKind.UNDER_ZERO.value),
        LedgerAccounts.id,
        LedgerAccounts.currency,
        literal(0),
        LedgerAccounts.balance,
    )
    .where(LedgerAccounts.kind == AccountKind.CUSTOMER_WALLET, LedgerAccounts.balance < 0)
    .order_by(LedgerAccounts.id)
    .limit(MOST),
    lambda kind, *rest: Mistake(MistakeKind(kind), *rest),
)


class BookCheckRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def found(self, *, most: int) -> list[Mistake]:
        """Return so many mistakes of each kind."""
        mistakes: list[Mistake] = []
        for check in (MISCOUNTED, UNBALANCED, UNDER_ZERO):
            mistakes += await self.connection.all(check, most=most)
        return mistakes
