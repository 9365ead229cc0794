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
BOOKED = """SELECT (SELECT count(*) FROM bookings WHERE provider_id = provider AND starts_at = start
  AND status IN ('pending', 'confirmed'))
 FROM unnest($1::uuid[], $2::timestamptz[]) WITH ORDINALITY AS wanted (provider, start, place)
 ORDER BY place"""


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
        self._round = 0

    def requests(self) -> Iterator[bytes]:
        """Yield attempts at one time after another, RIVALS at each."""
        attempts = count()
        while True:
            self._last, begun = next(self._numbers), self._round
            for _ in range(RIVALS):
                if self._round != begun:
                    break
                attempt = next(attempts)
                yield booking_request(
                    self._filled, self._last, attempt=attempt, key=f"contested-{attempt}"
                )

    def begin(self) -> int:
        """Begin a round with a time of its own, and return its number.

        Attempts left over from the round before would be counted for times of this one.
        """
        self._round += 1
        return self._last + 1

    async def faults(self, url: str, first: int, heard: Heard) -> list[str]:
        """Say what went wrong since the time numbered `first`: nothing, if all is as promised."""
        attempted = -(-heard.requests // RIVALS)
        wanted = [slot(self._filled, first + place) for place in range(attempted)]
        connection = await asyncpg.connect(url)
        rows = await connection.fetch(
            BOOKED, [provider for _, provider, _ in wanted], [start for *_, start in wanted]
        )
        await connection.close()
        booked = [row[0] for row in rows]
        won, found = heard.requests - heard.refused, []
        if twice := sum(bookings > 1 for bookings in booked):
            found.append(f"{twice} of {attempted} times were booked more than once")
        if nobody := [place for place, bookings in enumerate(booked) if not bookings]:
            found.append(f"of {attempted} times nobody got number {nobody}")
        if not attempted - CONNECTIONS <= won <= attempted + CONNECTIONS // RIVALS:
            found.append(f"{won} were told they have one of {attempted} times")
        return found
