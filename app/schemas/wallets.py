"""Wallets as the API shows them."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.core import money
from app.core.listing import PageRequest
from app.domain.ledger import EntryKind
from app.domain.wallets import Movement, MovementSort, Transfer, TransferWanted
from app.schemas.accounts import AnId, ATime
from app.schemas.base import (
    Currency,
    Id,
    Line,
    ListQuery,
    Money,
    MoneyGiven,
    Request,
    money_read,
)

Note = Annotated[Line, Field(min_length=1, max_length=200, examples=["For the tickets"])]


class SomeMoney(MoneyGiven):
    """Integer minor units by the ISO 4217 exponent, and not nothing."""

    amount: Annotated[int, Field(strict=True, ge=1, le=money.LARGEST, examples=[4500])]


class WalletRead(TypedDict):
    balances: Annotated[list[Money], Field(description="One for each currency that ever came in.")]


def wallet_read(balances: list[money.Money]) -> WalletRead:
    return {"balances": [money_read(balance) for balance in balances]}


class WalletTransactionRead(TypedDict):
    id: AnId
    kind: Annotated[EntryKind, Field(examples=[EntryKind.WALLET_TRANSFER])]
    amount: Annotated[Money, Field(description="With a minus: it went out.")]
    counterparty: Annotated[
        str | None, Field(description="What the other one is called.", examples=["Grace Hopper"])
    ]
    note: Annotated[str | None, Field(examples=["For the tickets"])]
    created_at: ATime


def wallet_transaction_read(movement: Movement) -> WalletTransactionRead:
    return {
        "id": movement.id,
        "kind": movement.kind,
        "amount": money_read(movement.money),
        "counterparty": movement.counterparty,
        "note": movement.note,
        "created_at": movement.created_at,
    }


class WalletTransactionQuery(ListQuery):
    sort: MovementSort = MovementSort.NEWEST
    currency: Currency | None = None

    def page(self) -> PageRequest[MovementSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)


class WalletTransferCreate(Request):
    to_user_id: Id
    amount: SomeMoney
    note: Note | None = None
    """For both of you to read."""

    def wanted(self) -> TransferWanted:
        return TransferWanted(self.to_user_id, self.amount.value(), self.note)


class WalletTransferRead(TypedDict):
    id: AnId
    to_user_id: AnId
    amount: Money
    note: Annotated[str | None, Field(examples=["For the tickets"])]
    created_at: ATime


def wallet_transfer_read(transfer: Transfer) -> WalletTransferRead:
    return {
        "id": transfer.id,
        "to_user_id": transfer.to_user_id,
        "amount": money_read(transfer.money),
        "note": transfer.note,
        "created_at": transfer.created_at,
    }
