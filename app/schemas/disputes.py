"""Disputes as those who look after the money see them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.disputes import Dispute, DisputeFilter, DisputeSort, DisputeState
from app.schemas.base import Id, ListQuery, Money, money_read
from app.schemas.bookings import AnId, ATime


class DisputeRead(TypedDict):
    id: AnId
    payment_id: AnId
    reference: Annotated[str, Field(examples=["dp_1"])]
    """What the gateway calls it: where it is answered."""
    amount: Money
    status: DisputeState
    reason: Annotated[str | None, Field(examples=["fraudulent"])]
    withdrawn_at: Annotated[datetime | None, Field(examples=[None])]
    """When the bank took the money; null while it only asks."""
    reinstated_at: Annotated[datetime | None, Field(examples=[None])]
    """When the money came back; null where it did not."""
    created_at: ATime
    updated_at: ATime


def dispute_read(dispute: Dispute) -> DisputeRead:
    return {
        "id": dispute.id,
        "payment_id": dispute.payment_id,
        "reference": dispute.reference,
        "amount": money_read(dispute.money),
        "status": dispute.state,
        "reason": dispute.reason,
        "withdrawn_at": dispute.withdrawn_at,
        "reinstated_at": dispute.reinstated_at,
        "created_at": dispute.created_at,
        "updated_at": dispute.updated_at,
    }


class DisputeQuery(ListQuery):
    sort: DisputeSort = DisputeSort.NEWEST
    payment_id: Id | None = None
    status: DisputeState | None = None

    def wanted(self) -> DisputeFilter:
        return DisputeFilter(self.payment_id, self.status)

    def page(self) -> PageRequest[DisputeSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
