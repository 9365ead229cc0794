"""Free times as the API shows them."""

from datetime import datetime
from functools import lru_cache
from itertools import repeat
from typing import Annotated
from uuid import UUID

import orjson
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


class OpeningsRead(TypedDict):
    """A SlotsRead whose items are JSON already: there may be thousands of them."""

    timezone: str
    items: orjson.Fragment


def slots_read(found: tuple[str, list[Opening]]) -> OpeningsRead:
    zone, openings = found
    items = ",".join(map(_told, openings))
    return {"timezone": zone, "items": orjson.Fragment(f"[{items}]")}


def _told(opening: Opening) -> str:
    """Return its slots in JSON: their beginnings differ, and the end of all is the same."""
    whom = '","'.join(map(str, opening.provider_ids))
    end = f'"provider_ids":["{whom}"]}}'
    return f"{end},".join(map(_begun, opening.starts, repeat(opening.length))) + end


@lru_cache(65_536)  # the same few thousand quarters of an hour, all day long
def _begun(begins: int, length: int) -> str:
    since, until = (instant(at).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (begins, begins + length))
    return f'{{"starts_at":"{since}","ends_at":"{until}",'
