"""Payouts, and what the platform keeps, as the API shows them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.ledger import AccountKind
from app.domain.payouts import Payout, PayoutFilter, PayoutSort, PayoutStatus, PayoutWanted
from app.schemas.accounts import SOME_ID, AnId, ATime
from app.schemas.base import Id, Line, ListQuery, Money, Request, money_read
from app.schemas.wallets import SomeMoney

PayableKind = Literal[AccountKind.ORGANIZER_PAYABLE, AccountKind.PROVIDER_PAYABLE]


class PayoutCreate(Request):
    owner_id: Id
    """Who is paid: the user who performs services, or organizes."""
    account: PayableKind
    amount: SomeMoney
    note: Annotated[Line, Field(min_length=1, max_length=200, examples=["March"])] | None = None

    def wanted(self) -> PayoutWanted:
        return PayoutWanted(
            self.owner_id, AccountKind(self.account), self.amount.value(), self.note
        )


class PayoutRead(TypedDict):
    id: AnId
    owner_id: AnId
    account: Annotated[AccountKind, Field(examples=[AccountKind.PROVIDER_PAYABLE])]
    amount: Money
    status: PayoutStatus
    note: Annotated[str | None, Field(examples=["March"])]
    proposed_by: AnId
    settled_by: Annotated[
        UUID | None, Field(description="Who paid or cancelled it.", examples=[SOME_ID])
    ]
    settled_at: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime
    updated_at: ATime


def payout_read(payout: Payout) -> PayoutRead:
    return {
        "id": payout.id,
        "owner_id": payout.owner_id,
        "account": payout.account,
        "amount": money_read(payout.money),
        "status": payout.status,
        "note": payout.note,
        "proposed_by": payout.proposed_by,
        "settled_by": payout.settled_by,
        "settled_at": payout.settled_at,
        "created_at": payout.created_at,
        "updated_at": payout.updated_at,
    }


class PayoutQuery(ListQuery):
    sort: PayoutSort = PayoutSort.NEWEST
    owner_id: Id | None = None
    """Who is paid."""
    status: PayoutStatus | None = None
    mine: bool = False
    """One's own alone; those who don't manage payouts see no others anyway."""

    def wanted(self) -> PayoutFilter:
        return PayoutFilter(self.owner_id, self.status)

    def page(self) -> PageRequest[PayoutSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
