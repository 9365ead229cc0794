"""A small world of people and things for tests that ask every operation."""

from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from app.bootstrap import Adapters, Doors, Services, build_adapters
from app.core.database import SESSION, Connection, Database, speak_json
from app.core.ids import new_id
from app.core.listing import PageRequest
from app.core.money import Money
from app.domain.actors import Actor
from app.domain.bookings import Booking, BookingStatus
from app.domain.calendar_feeds import FeedOf
from app.domain.chat_messages import Draft
from app.domain.conversations import Subject, Topic
from app.domain.events import EventStatus
from app.domain.ledger_accounts import AccountFilter, LedgerAccountSort
from app.domain.offerings import Offering
from app.domain.payouts import PayoutWanted
from app.domain.postings import clearing
from app.domain.postings import provider as provider_of
from app.domain.providers import Provider
from app.domain.reviews import ReviewStatus
from app.domain.roles import Role
from app.domain.tickets import TicketSort
from app.repositories.review_totals import ReviewTotalRepository
from tests.architecture.permissions import (
    ACCOUNTANT,
    ADMIN,
    CUSTOMER,
    MANAGEMENT,
    NOBODY,
    ORGANIZER,
    OWNER,
    PASSWORD,
    PROVIDER,
    SELLER,
    SUPER_ADMIN,
    Row,
)
from tests.conftest import OneConnection, cheap, settings_in
from tests.factories.accounts import actor_of, make_user, sign_in
from tests.factories.api_keys import make_api_key
from tests.factories.bookings import make_booking
from tests.factories.calendars import make_external_calendar
from tests.factories.catalog import make_category, make_offering, make_provider
from tests.factories.clock import NOW, Clock, at
from tests.factories.events import make_event, ticket_type
from tests.factories.files import make_file
from tests.factories.hours import make_closure, make_override, make_time_off
from tests.factories.notifications import (
    make_delivery,
    make_notification,
    make_suppression,
)
from tests.factories.paid import make_gateway_event, make_payment
from tests.factories.promo_codes import make_code
from tests.factories.reviews import make_review
from tests.factories.seats import book_seats

ROLES = {
    CUSTOMER: Role.CUSTOMER,
    OWNER: Role.CUSTOMER,
    ORGANIZER: Role.ORGANIZER,
    MANAGEMENT: Role.MANAGEMENT,
    ACCOUNTANT: Role.ACCOUNTANT,
    ADMIN: Role.ADMIN,
    SUPER_ADMIN: Role.SUPER_ADMIN,
}


@dataclass
class World:
    """People with their headers, and the ids of what the rows name."""

    people: dict[str, dict[str, str]]
    things: dict[str, str]

    def filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return value.format_map(self.things)
        if isinstance(value, dict):
            return {name: self.filled(item) for name, item in value.items()}
        return [self.filled(item) for item in value] if isinstance(value, list) else value


@dataclass
class Standing:
    """A world that stands while the tests of one module are run, and its connection."""

    raw: Any
    world: World


@pytest.fixture(scope="module")
async def standing(url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Standing]:
    raw = await asyncpg.connect(
        url, server_settings=SESSION | {"idle_in_transaction_session_timeout": "0"}
    )
    await speak_json(raw)
    outer = raw.transaction()
    await outer.start()
    settings = settings_in(tmp_path_factory.mktemp("world"))
    adapters = cheap(build_adapters(settings, Clock()))
    doors = Doors(Database(OneConnection(raw)), adapters)
    async with doors.writing() as services, doors.database.read() as connection:
        world = await _made(connection, services, adapters)
    yield Standing(raw, world)
    adapters.passwords.close()
    await outer.rollback()
    await raw.close()


@pytest.fixture
async def standing_database(standing: Standing) -> AsyncIterator[Database]:
    """The two doors into that world, inside a savepoint that is taken back."""
    test = standing.raw.transaction()
    await test.start()
    yield Database(OneConnection(standing.raw))
    await test.rollback()


@pytest.fixture
def world(standing: Standing) -> World:
    """The world as it was made: to be asked for together with `standing_database`."""
    return deepcopy(standing.world)


async def _made(connection: Connection, services: Services, adapters: Adapters) -> World:
    people: dict[str, dict[str, str]] = {NOBODY: {}}
    users = {}
    known = {"password_hash": await adapters.passwords.hash(PASSWORD)}
    for name, role in ROLES.items():
        users[name] = await make_user(connection, role, **known)
        people[name] = await sign_in(connection, adapters, user_id=users[name].id)
    seller, provider = [
        await make_provider(
            connection, user_id=(await make_user(connection, Role.PROVIDER, **known)).id
        )
        for _ in range(2)
    ]
    people[SELLER] = await sign_in(connection, adapters, user_id=seller.user_id)
    people[PROVIDER] = await sign_in(connection, adapters, user_id=provider.user_id)
    service = await make_offering(connection, seller)
    await make_offering(connection, provider)
    booking = await services.bookings.book(
        actor_of(users[OWNER]), service.id, starts_at=at(60 * 22)
    )
    asked_for = await make_offering(connection, seller, approval_required=True)
    request = await services.bookings.book(
        actor_of(users[OWNER]), asked_for.id, starts_at=at(60 * 24)
    )
    begun = await make_booking(connection, users[OWNER].id, service, seller, starts_at=at(-90))
    owner_key = new_id()
    await make_api_key(connection, users[OWNER], id=owner_key)
    feed, _ = await services.calendar_feeds.open(actor_of(users[OWNER]), FeedOf.BOOKINGS)
    calendar = await make_external_calendar(connection, seller)
    organizer = users[ORGANIZER].id
    event, (_, ticket) = await make_event(
        connection, organizer, now=NOW, types=[ticket_type(), ticket_type("Balcony")]
    )
    called_off, _ = await make_event(
        connection, organizer, now=NOW, status=EventStatus.CANCELLED, cancelled_at=NOW
    )
    attended, _ = await make_event(connection, organizer, now=NOW, seats=1)
    seats = await book_seats(connection, attended.id, users[OWNER].id)
    booked = PageRequest(TicketSort.OLDEST, limit=1)
    (ticket_of_owner, code), *_ = (
        await services.tickets.list(actor_of(users[OWNER]), seats.id, booked)
    ).items
    account, payout = await _money(services, actor_of(users[ACCOUNTANT]), seller.user_id)
    things = {
        **await _told(connection, users[OWNER].id),
        **await _paid(connection, services, begun),
        "file": (await make_file(connection, users[OWNER].id)).id,
        **await _reviewed(connection, users[OWNER].id, service, seller),
        "account": account,
        "payout": payout,
        "promo_code": (await make_code(connection, code="AUTUMN", owner_id=seller.user_id)).id,
        **await _talked(services, actor_of(users[OWNER]), booking, actor_of(users[MANAGEMENT])),
        "seller_user": seller.user_id,
        "event": event.id,
        "attended": attended.id,
        "seats": seats.id,
        "ticket": ticket_of_owner.id,
        "code": code,
        "called_off": called_off.id,
        "ticket_type": ticket.id,
        "owner_feed": feed.feed.id,
        "seller_calendar": calendar.id,
        "booking": booking.id,
        "request": request.id,
        "begun": begun.id,
        "closure": (await make_closure(connection)).id,
        "override": (await make_override(connection, seller)).id,
        "time_off": (await make_time_off(connection, seller)).id,
        "category": (await make_category(connection)).id,
        "seller_provider": seller.id,
        "service": service.id,
        "unbooked": (await make_offering(connection, seller)).id,
        "owner_user": users[OWNER].id,
        "owner_email": users[OWNER].email,
        "owner_session": adapters.tokens.verify(
            people[OWNER]["Authorization"].removeprefix("Bearer ")
        ).session_id,
        "owner_key": owner_key,
        "other_super_admin_user": (await make_user(connection, Role.SUPER_ADMIN)).id,
    }
    return World(people, {name: str(id_) for name, id_ in things.items()})


async def _told(connection: Connection, user_id: UUID) -> dict[str, UUID]:
    """Somebody was told something, by a letter that is on its way; another's address is dead."""
    one = await make_notification(connection, user_id)
    delivery = await make_delivery(connection, one)
    suppression = await make_suppression(connection)
    return {
        "owner_notification": one.id,
        "delivery": delivery.id,
        "suppression": suppression.id,
    }


async def _paid(connection: Connection, services: Services, booking: Booking) -> dict[str, UUID]:
    """Return what there is of a booking that was paid for."""
    payment = await make_payment(connection, booking)
    receipt = await services.receipts.issue(payment.id)
    assert receipt is not None
    event = await make_gateway_event(connection, payment)
    return {"payment": payment.id, "receipt": receipt.id, "gateway_event": event.id}


async def _talked(
    services: Services, customer: Actor, booking: Booking, clerk: Actor
) -> dict[str, UUID]:
    """Return what somebody said to whom they booked with, and that they talk with support."""
    about = Topic(Subject.BOOKING, booking.id)
    talk, _ = await services.chat_openings.open(customer, about, text="Is there parking?")
    helpdesk, _ = await services.chat_openings.open(customer, Topic(Subject.SUPPORT), text="Help")
    assert talk.last_message is not None
    answered = Draft("Where does it hurt?")
    said, _ = await services.chat_messages.send(clerk, helpdesk.conversation.id, answered)
    complaint, _ = await services.chat_reports.report(
        customer, helpdesk.conversation.id, said.id, None
    )
    return {
        "complaint": complaint.id,
        "talk": talk.conversation.id,
        "said": talk.last_message.id,
        "helpdesk": helpdesk.conversation.id,
    }


async def _reviewed(
    connection: Connection, customer_id: UUID, service: Offering, seller: Provider
) -> dict[str, UUID]:
    """Return reviews in each state, and a booking without one."""
    states: dict[str, dict[str, Any]] = {
        "review": {},
        "hidden_review": {"status": ReviewStatus.REJECTED},
        "replied_review": {"reply": "Thanks.", "replied_by": seller.user_id, "replied_at": NOW},
    }
    made: dict[str, UUID] = {}
    for day, (name, state) in enumerate(states.items(), 1):
        booking = await make_booking(
            connection,
            customer_id,
            service,
            seller,
            starts_at=at(-24 * 60 * day),
            status=BookingStatus.COMPLETED,
        )
        review = await make_review(connection, booking, **state)
        made[name] = review.id
    total = ReviewTotalRepository(connection)
    for subject in review.subjects:
        await total.add(subject, [0, 0, 0, 0, 2])
    visited = await make_booking(
        connection,
        customer_id,
        service,
        seller,
        starts_at=at(-24 * 60 * 9),
        status=BookingStatus.COMPLETED,
    )
    return made | {"visited": visited.id}


async def _money(services: Services, accountant: Actor, seller_id: UUID) -> tuple[UUID, UUID]:
    """Return an account that the seller has money in, and a payout of some of it."""
    seller, paid = provider_of(seller_id), Money(9000, "EUR")
    await services.ledger.payment_captured(
        new_id(), paid, paid_from=clearing("sandbox"), seller=seller
    )
    await services.ledger.booking_earned(new_id(), paid, seller=seller)
    await services.commissions.agree(accountant, seller_id, 1000)
    wanted = PayoutWanted(seller_id, seller.payable, Money(4500, "EUR"), None)
    payout = await services.payouts.propose(accountant, wanted)
    mine = AccountFilter(kind=seller.payable, owner_id=seller_id)
    found = await services.books.accounts(accountant, mine, PageRequest(LedgerAccountSort.OLDEST))
    return found.items[0].id, payout.id


async def ask(
    client: httpx.AsyncClient, world: World, row: Row, headers: dict[str, str]
) -> httpx.Response:
    path = world.filled(row.path)
    url = f"http://test{path[1:]}" if path.startswith("//") else path
    sent = world.filled(dict(row.more))
    if row.body is not None:
        sent["json"] = world.filled(row.body)
    return await client.request(row.method, url, headers=headers | sent.pop("headers", {}), **sent)
