"""What is measured: each operation of the application and each reference, by a name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Final

import orjson

from bench.contest import Contest, booking_request
from bench.filling import Filled, slot
from bench.load import Get, Once, fetched, written
from bench.processes import Server
from bench.selling import bare_sales, sales

LIST: Final = "catalog list"
ITEM: Final = "catalog item"
BOOKINGS: Final = "own bookings"
BOOKING: Final = "own booking"
ASKING: Final = "own booking, session asked first"
CREATE: Final = "create appointment"
CONTENDED: Final = "create, 8 at each time"
SEAT: Final = "create event booking, one event"
SEATS: Final = "create event booking, 100 events"
SLOTS: Final = "slots, 1 provider, 30 days"
CREW_SLOTS: Final = "slots, 50 providers, 7 days"
CONSTANT: Final = "constant"
FANOUT: Final = "fan-out to 200 sockets"
STALLED: Final = "fan-out, one more does not read"
LOOPED: Final = "fan-out by send_json in a loop"
REFERENCE: Final = "reference: "
API: Final = "/api/v1"


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    server: str
    ask: Get | Once


def operations(filled: Filled, contest: Contest, folder: Path) -> list[Operation]:
    """Return everything in the order it is run, so that what is compared runs side by side."""
    me = filled.customers[0]
    offering_id, provider_id = filled.pairs[0]
    tomorrow = filled.today + timedelta(days=1)
    month = f"from={tomorrow}&to={tomorrow + timedelta(days=29)}&provider_id={provider_id}"
    week = f"from={tomorrow}&to={tomorrow + timedelta(days=6)}"
    numbers = count()
    return [
        Operation(LIST, "api", Get(f"{API}/services?limit=20")),
        Operation(REFERENCE + LIST, "raw", Get("/services")),
        Operation(SLOTS, "api", Get(f"{API}/services/{offering_id}/slots?{month}")),
        Operation(CREW_SLOTS, "api", Get(f"{API}/services/{filled.shared}/slots?{week}")),
        Operation(ITEM, "api", Get(f"{API}/services/{offering_id}")),
        Operation(REFERENCE + ITEM, "raw", Get(f"/services/{offering_id}")),
        Operation(BOOKINGS, "api", Get(f"{API}/bookings?limit=20", me.token)),
        Operation(REFERENCE + BOOKINGS, "raw", Get(f"/bookings?customer_id={me.id}")),
        Operation(BOOKING, "api", Get(f"{API}/bookings/{filled.booking}", me.token)),
        Operation(ASKING, "asking", Get(f"{API}/bookings/{filled.booking}", me.token)),
        Operation(REFERENCE + BOOKING, "raw", Get(f"/bookings/{filled.booking}")),
        Operation(CONTENDED, "api", Once(contest.requests(), folder)),
        Operation(CREATE, "api", Once(_bookings(filled, numbers), folder)),
        Operation(REFERENCE + CREATE, "raw", Once(_inserts(filled, numbers), folder)),
        Operation(SEAT, "api", Once(sales(filled.events[:1], filled.customers, numbers), folder)),
        Operation(SEATS, "api", Once(sales(filled.events[1:], filled.customers, numbers), folder)),
        Operation(
            REFERENCE + SEAT, "raw", Once(bare_sales(filled.events[0], filled.customers), folder)
        ),
        Operation(CONSTANT, "api", Get("/health/live")),
        Operation(REFERENCE + CONSTANT, "bare", Get("/constant")),
    ]


def differences(wanted: Sequence[Operation], servers: Mapping[str, Server]) -> Iterator[str]:
    """Say which references don't answer what the application does, the next cursor aside."""
    answers = {
        one.name: orjson.loads(fetched(servers[one.server].port, one.ask))
        for one in wanted
        if isinstance(one.ask, Get)
    }
    for name in (LIST, ITEM, BOOKINGS, BOOKING):
        ours, theirs = answers[name], answers[REFERENCE + name]
        if {**ours, "next_cursor": None} != {**theirs, "next_cursor": None}:
            first, second = (
                one["items"][0] if "next_cursor" in one else one for one in (ours, theirs)
            )
            differ = [key for key in first if first[key] != second.get(key)]
            yield f"the reference of {name} answers something else: {', '.join(differ)}"


def _bookings(filled: Filled, numbers: Iterator[int]) -> Iterator[bytes]:
    for number in numbers:
        yield booking_request(filled, number, attempt=number, key=f"free-{number}")


def _inserts(filled: Filled, numbers: Iterator[int]) -> Iterator[bytes]:
    for number in numbers:
        offering_id, provider_id, starts_at = slot(filled, number)
        body = {
            "customer_id": str(filled.customers[number % len(filled.customers)].id),
            "service_id": str(offering_id),
            "provider_id": str(provider_id),
            "starts_at": starts_at,
        }
        yield written("POST", "/bookings", {}, orjson.dumps(body).decode())
