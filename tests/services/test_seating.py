"""Whatever is done to an event's seats, and in whatever order: every counter is right."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import bindparam, select

from app.bootstrap import Doors, Services
from app.core.database import SESSION, Database, speak_json
from app.core.errors import AppError
from app.core.statements import Query
from app.domain.bookings import Booking
from app.domain.event_bookings import Wanted
from app.domain.roles import Role
from app.models import Tickets
from app.tasks.cleanup import settle_events
from tests.conftest import OneConnection
from tests.factories.accounts import actor_of, make_user
from tests.factories.clock import NOW, Clock
from tests.factories.events import ensure_counted, make_event, ticket_type

SEATS = 3
PEOPLE = st.integers(0, 2)
FEW = st.integers(1, 2)
TICKETS = Query(
    select(Tickets.id).where(Tickets.booking_id == bindparam("booking_id")), lambda id_: id_
)


def seating(url: str, adapters: Any, clock: Clock) -> type[RuleBasedStateMachine]:
    """Return a machine that does anything to one event, in a transaction that is taken back."""

    class Seating(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            clock.now = NOW
            self.runner = asyncio.Runner()
            self.booked: list[tuple[int, Booking]] = []
            self.runner.run(self._open())

        async def _open(self) -> None:
            self.raw = await asyncpg.connect(url, server_settings=SESSION)
            await speak_json(self.raw)
            self.outer = self.raw.transaction()
            await self.outer.start()
            self.doors = Doors(Database(OneConnection(self.raw)), adapters)
            async with self.doors.database.read() as connection:
                organizer = await make_user(connection, Role.ORGANIZER)
                types = [ticket_type("Paid", 1000, 2), ticket_type("Free", 0)]
                self.event, self.types = await make_event(
                    connection, organizer.id, now=NOW, seats=SEATS, types=types
                )
                self.people = [actor_of(await make_user(connection)) for _ in range(3)]

        def teardown(self) -> None:
            self.runner.run(self._close())
            self.runner.close()

        async def _close(self) -> None:
            await self.outer.rollback()
            await self.raw.close()

        def _try(self, use_case: Callable[[Services], Awaitable[Any]]) -> Any:
            try:
                return self.runner.run(self.doors.perform(use_case))
            except AppError:
                return None

        @initialize(seats=FEW)
        def sell_out(self, seats: int) -> None:
            for who, quantity in ((0, 2), (1, 1)):
                self.book(who, kind=1, quantity=quantity)
            self.wait(2, seats=seats)

        @rule(who=PEOPLE, kind=st.integers(0, 1), quantity=FEW)
        def book(self, who: int, kind: int, quantity: int) -> None:
            wanted = [Wanted(self.types[kind].id, quantity)]
            booking = self._try(
                lambda services: services.event_bookings.book(
                    self.people[who], self.event.id, wanted
                )
            )
            if booking:
                self.booked.append((who, booking))

        @precondition(lambda self: self.booked)
        @rule(data=st.data())
        def cancel(self, data: st.DataObject) -> None:
            who, booking = data.draw(st.sampled_from(self.booked))
            self._try(
                lambda services: services.booking_changes.cancel(self.people[who], booking.id)
            )

        @precondition(lambda self: self.booked)
        @rule(data=st.data())
        def give_back(self, data: st.DataObject) -> None:
            who, booking = data.draw(st.sampled_from(self.booked))
            ticket_id = self.runner.run(self._some_ticket(booking))
            self._try(
                lambda services: services.event_bookings.give_back(
                    self.people[who], booking.id, ticket_id
                )
            )

        async def _some_ticket(self, booking: Booking) -> Any:
            async with self.doors.database.read() as connection:
                return (await connection.all(TICKETS, booking_id=booking.id))[0]

        @rule(who=PEOPLE, seats=FEW)
        def wait(self, who: int, seats: int) -> None:
            self._try(
                lambda services: services.waitlist.join(
                    self.people[who], self.event.id, seats=seats
                )
            )

        @rule(who=PEOPLE)
        def leave(self, who: int) -> None:
            self._try(lambda services: services.waitlist.leave(self.people[who], self.event.id))

        @rule(minutes=st.sampled_from([15, 24 * 60]))
        def go_on(self, minutes: int) -> None:
            clock.now += timedelta(minutes=minutes)

        @precondition(lambda self: clock.now > NOW)
        @rule()
        def settle(self) -> None:
            self._try(settle_events)

        @invariant()
        def every_counter_is_right(self) -> None:
            self.runner.run(self._ensure())

        async def _ensure(self) -> None:
            async with self.doors.database.read() as connection:
                await ensure_counted(connection)

    return Seating


def test_every_counter_is_right_after_anything(url, adapters, clock):
    machine = seating(url, adapters, clock)

    machine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
    machine.TestCase().runTest()
