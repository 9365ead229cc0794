"""What is kept of somebody's money, as the API hands it to them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.ledger import AccountKind, EntryKind
from app.domain.payouts import PayoutStatus
from app.schemas.accounts import AnId, ATime
from app.schemas.base import Money

ANote = Annotated[str | None, Field(examples=["For the tickets"])]


class AccountKept(TypedDict):
    id: AnId
    kind: AccountKind
    balance: Money


class AccountMovementKept(TypedDict):
    account_id: AnId
    kind: EntryKind
    source_id: AnId
    amount: Money
    created_at: ATime


class TransferKept(TypedDict):
    """Without whom it was from or to: that is theirs."""

    id: AnId
    amount: Money
    note: ANote
    created_at: ATime


class PayoutKept(TypedDict):
    id: AnId
    account: AccountKind
    amount: Money
    status: PayoutStatus
    note: ANote
    settled_at: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime


class CommissionKept(TypedDict):
    basis_points: Annotated[int, Field(description="Hundredths of a percent.", examples=[1250])]
    updated_at: ATime
