"""A database as a busy salon chain has it, made by the program's own rules and loaded by COPY."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from app.core.clock import system_clock
from app.core.i18n import Locale
from app.core.ids import new_id
from app.core.tokens import Claims, Tokens
from app.domain.appointments import appointment
from app.domain.availability import Performer
from app.domain.bookings import Booking
from app.domain.categories import Category
from app.domain.hours import Hours
from app.domain.offerings import Offering, Performance, offered
from app.domain.origins import NOWHERE
from app.domain.providers import Provider, Schedule
from app.domain.sessions import session
from app.domain.users import AccountType, Registration, User, UserStatus, provider_of, registered
from bench.selling import events

BOOKINGS: Final = 100_000
PROVIDERS: Final = 1_000
OFFERINGS: Final = 2_000
CUSTOMERS: Final = 2_000
CATEGORIES: Final = 20
SIGNED_IN: Final = 100
CREW: Final = 50
"""Providers who perform one offering together, each with a busy month before them."""
BUSY_MONTH: Final = 200
"""Bookings of each of them in the next 30 days."""
ZONE: Final = "Europe/Berlin"
OPEN: Final = [[day, 8 * 60, 18 * 60] for day in range(7)]
FIRST_HOUR: Final = 8  # UTC: within the opening hours in summer and in winter
PER_DAY: Final = 16
MINUTES: Final = 30
FREE_AFTER: Final = timedelta(days=40)
"""From then on nothing is booked; what a run books lies there."""

CAPACITY: Final = """INSERT INTO event_capacity (event_id, capacity)
 SELECT id, max_participants FROM events"""


@dataclass(frozen=True, slots=True)
class Customer:
    id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What the requests name."""

    today: date
    customers: Sequence[Customer]
    pairs: Sequence[tuple[UUID, UUID]]
    """An offering and the provider who performs it."""
    booking: UUID
    """One of the first customer's."""
    shared: UUID
    """The offering that the crew performs together."""
    busy: UUID
    """One provider of the crew."""
    events: Sequence[UUID]
    """The hot one first."""


async def fill(url: str, secret: str) -> Filled:
    """Load everything into an empty, migrated database."""
    now = datetime.now(UTC).replace(microsecond=0)
    people = [_user(AccountType.CUSTOMER, n, now) for n in range(CUSTOMERS)]
    staff = [_user(AccountType.PROVIDER, n, now) for n in range(PROVIDERS)]
    providers = [replace(provider_of(user), timezone=ZONE) for user in staff]
    schedules = [_schedule(provider, now) for provider in providers]
    categories = [_category(n, now) for n in range(CATEGORIES)]
    offerings = [_offering(n, categories, staff[n % PROVIDERS], now) for n in range(OFFERINGS)]
    shared = offerings[-1]
    terms = [
        Performance(offering.id, providers[n % PROVIDERS].id, None, None)
        for n, offering in enumerate(offerings)
        if offering is not shared
    ]
    crew = [Performance(shared.id, provider.id, None, None) for provider in providers[:CREW]]
    sessions = [
        session(user.id, device="bench", origin=NOWHERE, now=now) for user in people[:SIGNED_IN]
    ]
    performers = [
        Performer(provider.id, performance, Hours(ZONE, (schedule,)))
        for provider, performance, schedule in zip(providers, terms, schedules, strict=False)
    ]
    bookings = list(_bookings(offerings, performers, people, now))
    on_sale, ticket_types = events(staff[0].id, ZONE, now)
    connection = await asyncpg.connect(url)
    await connection.set_type_codec(  # COPY speaks binary: a version, then the text
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\1" + orjson.dumps(value),
        decoder=lambda kept: orjson.loads(kept[1:]),
        format="binary",
    )
    tables: dict[str, Sequence[Any]] = {
        "users": people + staff,
        "sessions": sessions,
        "categories": categories,
        "providers": providers,
        "schedules": schedules,
        "offerings": offerings,
        "provider_offerings": terms + crew,
        "bookings": bookings,
        "events": on_sale,
        "ticket_types": ticket_types,
    }
    for table, rows in tables.items():
        await _copy(connection, table, rows)
    await connection.execute(CAPACITY)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    tokens, lasts = Tokens(secret, system_clock), timedelta(hours=2)
    return Filled(
        today=now.date(),
        customers=[
            Customer(one.user_id, tokens.sign(Claims(one.user_id, one.id), lasts=lasts))
            for one in sessions
        ],
        pairs=[(one.offering_id, one.provider_id) for one in terms[:PROVIDERS]],
        booking=next(one.id for one in bookings if one.customer_id == people[0].id),
        shared=shared.id,
        busy=providers[0].id,
        events=[one.id for one in on_sale],
    )


def slot(filled: Filled, number: int) -> tuple[UUID, UUID, datetime]:
    """Return the offering, provider and start of the n-th of very many free times."""
    day, place = divmod(number // PROVIDERS, PER_DAY)
    begins = datetime.combine(filled.today + FREE_AFTER, time(FIRST_HOUR), UTC)
    offering_id, provider_id = filled.pairs[number % PROVIDERS]
    return offering_id, provider_id, begins + timedelta(days=day, minutes=MINUTES * place)


async def _copy(connection: Any, table: str, rows: Sequence[Any]) -> None:
    names = rows[0].__dataclass_fields__
    records = [tuple(getattr(row, name) for name in names) for row in rows]
    await connection.copy_records_to_table(table, records=records, columns=list(names))


def _user(kind: AccountType, number: int, now: datetime) -> User:
    email = f"{kind}{number}@example.com"
    wanted = Registration(email, "", Locale.EN, full_name="Ada Person", account_type=kind)
    return replace(registered(wanted, password_hash="", now=now), status=UserStatus.ACTIVE)


def _schedule(provider: Provider, now: datetime) -> Schedule:
    return Schedule(new_id(), provider.id, ZONE, now.date() - timedelta(days=365), OPEN)


def _category(number: int, now: datetime) -> Category:
    return Category(
        new_id(), None, f"Category {number}", f"category-{number}", None, number, now, now
    )


def _offering(number: int, categories: Sequence[Category], owner: User, now: datetime) -> Offering:
    given = {
        "name": f"Haircut {number}",
        "description": "Wash, cut and dry, with a short talk about what suits you beforehand.",
        "category_id": categories[number % CATEGORIES].id,
        "tags": ["hair", f"tag{number % 50}"],
        "duration_minutes": MINUTES,
        "slot_step_minutes": 15,
        "max_horizon_days": 730,
        "price_amount": 2000 + number,
        "price_currency": "EUR",
    }
    return offered(given, owner_id=owner.id, now=now)


def _bookings(
    offerings: Sequence[Offering],
    performers: Sequence[Performer],
    people: Sequence[User],
    now: datetime,
) -> Iterator[Booking]:
    """Yield a busy month for the crew and, for the others, the months behind and before them."""
    for number in range(BOOKINGS):
        if number < CREW * BUSY_MONTH:
            index, place = number % CREW, number // CREW
            day, at = 1 + place % 30, place // 30
        else:
            index, place = CREW + number % (PROVIDERS - CREW), number // (PROVIDERS - CREW)
            day, at = 30 - place % 90, place // 90
        morning = datetime.combine(now.date(), time(FIRST_HOUR), UTC)
        yield appointment(
            offerings[index],
            performers[index],
            customer_id=people[number % CUSTOMERS].id,
            starts_at=morning + timedelta(days=day, minutes=MINUTES * at),
            notes="Please ring twice.",
            now=now,
            hold=timedelta(minutes=15),
        )
