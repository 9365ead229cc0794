"""Customers who all want the same times, and proof that each time went to one of them."""

from collections.abc import Iterator
from itertools import count
from typing import Final

import asyncpg
import orjson

from bench.filling import Filled, slot
from bench.load import CONNECTIONS, Heard, written

RIVALS: Final = 8
FIRST: Final = 4_000_000
"""The number of the first contested time, far from those that are booked in peace."""
BOOKED = """SELECT count(*) FROM unnest($1::uuid[], $2::timestamptz[]) AS wanted (provider, start)
 WHERE 1 = (SELECT count(*) FROM bookings WHERE provider_id = provider AND starts_at = start
  AND status IN ('pending', 'confirmed'))"""


def booking_request(filled: Filled, number: int, *, attempt: int, key: str) -> bytes:
    """Return a request for the n-th free time, by one of those signed in."""
    offering_id, provider_id, starts_at = slot(filled, number)
    customer = filled.customers[attempt % len(filled.customers)]
    headers = {"Authorization": f"Bearer {customer.token}", "Idempotency-Key": key}
    body = {
        "service_id": str(offering_id),
        "provider_id": str(provider_id),
        "starts_at": starts_at,
        "notes": "Please ring twice.",
    }
    return written("POST", "/api/v1/bookings", headers, orjson.dumps(body).decode())


class Contest:
    def __init__(self, filled: Filled) -> None:
        self._filled = filled
        self._numbers = count(FIRST)
        self._last = FIRST - 1

    def requests(self) -> Iterator[bytes]:
        """Yield attempts at one time after another, RIVALS at each."""
        attempts = count()
        while True:
            self._last = next(self._numbers)
            for _ in range(RIVALS):
                attempt = next(attempts)
                yield booking_request(
                    self._filled, self._last, attempt=attempt, key=f"contested-{attempt}"
                )

    @property
    def next(self) -> int:
        return self._last + 1

    async def faults(self, url: str, first: int, heard: Heard) -> list[str]:
        """Say what went wrong since the time numbered `first`: nothing, if all is as promised."""
        attempted = -(-heard.requests // RIVALS)
        wanted = [slot(self._filled, first + place) for place in range(attempted)]
        connection = await asyncpg.connect(url)
        booked = await connection.fetchval(
            BOOKED, [provider for _, provider, _ in wanted], [start for *_, start in wanted]
        )
        await connection.close()
        won, found = heard.requests - heard.refused, []
        if booked != attempted:
            found.append(f"{attempted - booked} of {attempted} times are not booked exactly once")
        if not attempted - CONNECTIONS <= won <= attempted + CONNECTIONS // RIVALS:
            found.append(f"{won} were told they have one of {attempted} times")
        return found
