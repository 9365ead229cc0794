"""Events whose seats are sold, and proof that as many are taken as were."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from app.core.ids import new_id
from app.domain.event_changes import DEFAULTS
from app.domain.events import Event, EventStatus, TicketType
from app.domain.walltime import wall_time
from bench.load import written

EVENTS: Final = 101
"""One that everybody wants, and a hundred others."""
SEATS: Final = 1_000_000
OFF = """SELECT count(*) FROM event_capacity c JOIN ticket_types t USING (event_id) WHERE c.taken <>
 (SELECT coalesce(sum(seats), 0) FROM bookings b WHERE b.event_id = c.event_id
  AND b.status IN ('pending', 'confirmed')) OR t.taken > c.taken"""


def events(organizer_id: UUID, zone: str, now: datetime) -> tuple[list[Event], list[TicketType]]:
    """Return events a year from now, each with one free ticket type."""
    starts_at = now + timedelta(days=365)
    said = {
        "title": "An evening of songs",
        "description": "Songs that everybody knows, and some that nobody has heard yet.",
        "tags": ["music"],
        "location": "1 Church Square, Berlin",
    }
    first = Event(
        id=new_id(),
        organizer_id=organizer_id,
        status=EventStatus.PUBLISHED,
        timezone=zone,
        starts_at=starts_at,
        starts_local=wall_time(starts_at, zone),
        ends_at=starts_at + timedelta(hours=2),
        cover_id=None,
        max_participants=SEATS,
        price_amount=0,
        price_currency="EUR",
        cancelled_at=None,
        cancelled_by=None,
        cancel_reason=None,
        created_at=now,
        updated_at=now,
        **{**DEFAULTS, **said},
    )
    made = [replace(first, id=new_id()) for _ in range(EVENTS)]
    return made, [_ticket_type(event) for event in made]


def _ticket_type(event: Event) -> TicketType:
    return TicketType(
        id=new_id(),
        event_id=event.id,
        name="Standard",
        price_amount=0,
        price_currency=event.price_currency,
        capacity=None,
        taken=0,
        max_per_booking=10,
        sales_start=None,
        sales_end=None,
        created_at=event.created_at,
        updated_at=event.updated_at,
    )


def sales(
    events: Sequence[UUID], customers: Sequence[Any], numbers: Iterator[int]
) -> Iterator[bytes]:
    """Yield requests for a seat each, of one event after another."""
    for number in numbers:
        token = customers[number % len(customers)].token
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"seat-{number}"}
        body = {"event_id": str(events[number % len(events)]), "seats": 1}
        yield written("POST", "/api/v1/bookings", headers, orjson.dumps(body).decode())


def bare_sales(event_id: UUID, customers: Sequence[Any]) -> Iterator[bytes]:
    """Yield the same requests for the reference."""
    for number in count():
        customer_id = customers[number % len(customers)].id
        body = {"event_id": str(event_id), "customer_id": str(customer_id)}
        yield written("POST", "/seats", {}, orjson.dumps(body).decode())


async def miscounted(url: str) -> list[str]:
    """Say how many events have sold another number of seats than is counted."""
    connection = await asyncpg.connect(url)
    found = await connection.fetchval(OFF)
    await connection.close()
    return [f"{found} events have sold another number of seats than is counted"] if found else []
