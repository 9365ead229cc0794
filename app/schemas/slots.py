"""Free times as the API shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.availability import Slot
from app.schemas.base import Day, Id, Request, Zone

EXAMPLE_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


class SlotQuery(Request):
    first: Annotated[Day, Field(alias="from")]
    """The first day, in `timezone`."""
    last: Annotated[Day, Field(alias="to")]
    """The last day, that day included; at most 62 days."""
    timezone: Zone | None = None
    """The zone of `from` and `to`; the provider's own by default."""
    provider_id: Id | None = None


class SlotRead(TypedDict):
    starts_at: Annotated[datetime, Field(examples=["2030-03-04T09:00:00Z"])]
    ends_at: Annotated[datetime, Field(examples=["2030-03-04T10:00:00Z"])]
    provider_ids: Annotated[list[UUID], Field(examples=[[EXAMPLE_ID]])]


class SlotsRead(TypedDict):
    timezone: Annotated[str, Field(examples=["Europe/Berlin"])]
    items: list[SlotRead]


def slot_read(slot: Slot) -> SlotRead:
    return {
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "provider_ids": list(slot.provider_ids),
    }


def slots_read(found: tuple[str, list[Slot]]) -> SlotsRead:
    zone, slots = found
    return {"timezone": zone, "items": [slot_read(slot) for slot in slots]}
