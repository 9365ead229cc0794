"""Every statement about the demo data."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.bookings import Booking
from app.domain.categories import Category
from app.domain.demo import DemoClash, EventSeats
from app.domain.events import Event, TicketType
from app.domain.offerings import Offering, Performance
from app.domain.providers import Provider, Schedule
from app.domain.reviews import Review
from app.domain.tickets import Ticket
from app.domain.users import User
from app.models import (
    Bookings,
    Categories,
    EventCapacity,
    Events,
    Model,
    Offerings,
    ProviderOfferings,
    Providers,
    Reviews,
    Schedules,
    Tickets,
    TicketTypes,
    Users,
)
from app.repositories.base import parameters, values

HAS_ACCOUNTS: Final = Query(select(exists(select(Users.id))), bool)
CLASHES: Final = {"uq_users_email": DemoClash, "uq_categories_slug": DemoClash}


def _add(table: type[Model], of: type[Any], *, or_find: list[str] | None = None) -> Command:
    """Insert a row unless these columns (without `or_find`: any constraint) find one there."""
    row = insert(table).values(parameters(table, of))
    return Command(row.on_conflict_do_nothing(index_elements=or_find), violations=CLASHES)


ADD: Final[dict[type[Any], Command]] = {
    User: _add(Users, User, or_find=["id"]),
    Category: _add(Categories, Category, or_find=["id"]),
    Provider: _add(Providers, Provider, or_find=["id"]),
    Offering: _add(Offerings, Offering, or_find=["id"]),
    Performance: _add(ProviderOfferings, Performance),
    Schedule: _add(Schedules, Schedule),  # a provider may have given other hours since
    Booking: _add(Bookings, Booking),  # and somebody may have booked that time
    Event: _add(Events, Event, or_find=["id"]),
    EventSeats: _add(EventCapacity, EventSeats),
    TicketType: _add(TicketTypes, TicketType, or_find=["id"]),
    Ticket: _add(Tickets, Ticket, or_find=["id"]),
}


REVIEW: Final = parameters(Reviews, Review)
# Somebody may have booked that time before, so that there is no visit to speak of.
ADD_REVIEW: Final = Command(
    insert(Reviews)
    .from_select(
        list(REVIEW),
        select(*REVIEW.values()).where(exists().where(Bookings.id == REVIEW["booking_id"])),
    )
    .on_conflict_do_nothing()
)


class DemoRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def has_accounts(self) -> bool:
        return await self.connection.first(HAS_ACCOUNTS) or False

    async def add(self, rows: Iterable[Any]) -> None:
        """Insert what is not there, in this order; refuse with DemoClash."""
        for row in rows:
            await self.connection.run(ADD[type(row)], **values(row))

    async def add_review(self, review: Review) -> bool:
        """Insert a review of a visit that is there; tell whether it was not there before."""
        return await self.connection.run(ADD_REVIEW, **values(review)) == 1
