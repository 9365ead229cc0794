"""Addresses that nobody is behind, as those who work here see them."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.notifications import Channel
from app.domain.suppressions import Suppression, SuppressionFilter, SuppressionSort
from app.schemas.accounts import AnId, ATime
from app.schemas.base import Line, ListQuery


class SuppressionRead(TypedDict):
    id: AnId
    channel: Annotated[Channel, Field(examples=["email"])]
    address: Annotated[str, Field(examples=["ada@example.com"])]
    reason: Annotated[str, Field(examples=["smtp 550"])]
    created_at: ATime


def suppression_read(one: Suppression) -> SuppressionRead:
    return {
        "id": one.id,
        "channel": one.channel,
        "address": one.address,
        "reason": one.reason,
        "created_at": one.created_at,
    }


class SuppressionQuery(ListQuery):
    sort: SuppressionSort = SuppressionSort.NEWEST
    channel: Channel | None = None
    address: (
        Annotated[Line, Field(min_length=1, max_length=254, examples=["ada@example.com"])] | None
    ) = None

    def wanted(self) -> SuppressionFilter:
        return SuppressionFilter(self.channel, self.address)

    def page(self) -> PageRequest[SuppressionSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
