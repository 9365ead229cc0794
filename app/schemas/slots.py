"""Free times as the API shows them."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.availability import Opening
from app.domain.walltime import instant
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


class OpeningRead(TypedDict):
    """A SlotRead whose instants and ids are text already: there may be thousands of them."""

    starts_at: str
    ends_at: str
    provider_ids: list[str]


class OpeningsRead(TypedDict):
    timezone: str
    items: list[OpeningRead]


@lru_cache(65_536)  # the same few thousand quarters of an hour, all day long
def _told(seconds: int) -> str:
    return instant(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def slots_read(found: tuple[str, list[Opening]]) -> OpeningsRead:
    zone, openings = found
    ids = {id_: str(id_) for _, _, provider_ids in openings for id_ in provider_ids}
    return {
        "timezone": zone,
        "items": [
            {
                "starts_at": _told(begins),
                "ends_at": _told(ends),
                "provider_ids": [ids[id_] for id_ in provider_ids],
            }
            for begins, ends, provider_ids in openings
        ],
    }
