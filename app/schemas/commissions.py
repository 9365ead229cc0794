"""What the platform keeps of single sellers, as the API shows it."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.commissions import Commission, CommissionFilter, CommissionSort
from app.schemas.accounts import AnId, ATime
from app.schemas.base import Id, ListQuery, Request, Whole


class CommissionPut(Request):
    basis_points: Annotated[Whole, Field(ge=0, le=10_000, examples=[1250])]
    """Hundredths of a percent."""


class CommissionRead(TypedDict):
    user_id: AnId
    basis_points: Annotated[int, Field(description="Hundredths of a percent.", examples=[1250])]
    updated_at: ATime


def commission_read(commission: Commission) -> CommissionRead:
    return {
        "user_id": commission.user_id,
        "basis_points": commission.basis_points,
        "updated_at": commission.updated_at,
    }


class CommissionQuery(ListQuery):
    sort: CommissionSort = CommissionSort.NEWEST
    user_id: Id | None = None
    """Whose it is."""

    def wanted(self) -> CommissionFilter:
        return CommissionFilter(self.user_id)

    def page(self) -> PageRequest[CommissionSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
