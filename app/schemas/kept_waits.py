"""What is kept of the times that somebody waits for, as the API hands it to them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.waitlist import WaitlistStatus
from app.schemas.accounts import SOME_TIME, AnId, ATime
from app.schemas.overrides import DayWindowRead


class SlotWaitKept(TypedDict):
    id: AnId
    service_id: AnId
    provider_id: Annotated[UUID | None, Field(examples=[None])]
    first_day: Annotated[date, Field(examples=["2030-03-04"])]
    last_day: Annotated[date, Field(examples=["2030-03-08"])]
    windows: list[DayWindowRead]
    status: WaitlistStatus
    offer_starts_at: Annotated[datetime | None, Field(examples=[SOME_TIME])]
    offer_expires_at: Annotated[datetime | None, Field(examples=[SOME_TIME])]
    booking_id: Annotated[UUID | None, Field(examples=[None])]
    created_at: ATime
    updated_at: ATime
