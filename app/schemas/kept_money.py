"""What is kept of somebody's money, as the API hands it to them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.ledger import AccountKind, EntryKind
from app.domain.payments import ChargeState, GatewayName, PaymentMethod, RefundState
from app.domain.payouts import PayoutStatus
from app.domain.receipts import ReceiptKind
from app.schemas.accounts import SOME_ID, AnId, ATime
from app.schemas.base import Money

ANote = Annotated[str | None, Field(examples=["For the tickets"])]


class PaymentKept(TypedDict):
    id: AnId
    booking_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    group_id: Annotated[UUID | None, Field(examples=[None])]
    gateway: GatewayName
    method: PaymentMethod
    state: ChargeState
    amount: Money
    refunded_amount: Annotated[int, Field(description="In minor units.", examples=[0])]
    failure_code: Annotated[str | None, Field(examples=[None])]
    paid_at: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime


class RefundKept(TypedDict):
    id: AnId
    payment_id: AnId
    state: RefundState
    amount: Money
    reason: Annotated[str | None, Field(examples=["The room was cold."])]
    created_at: ATime


class ReceiptKept(TypedDict):
    id: AnId
    kind: ReceiptKind
    number: Annotated[int, Field(examples=[42])]
    payment_id: AnId
    booking_id: AnId
    amount: Money
    issued_at: ATime


class SavedCardKept(TypedDict):
    id: AnId
    gateway: GatewayName
    brand: Annotated[str, Field(examples=["visa"])]
    last4: Annotated[str, Field(examples=["4242"])]
    expires_month: Annotated[int, Field(examples=[12])]
    expires_year: Annotated[int, Field(examples=[2034])]
    removed_at: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime


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
