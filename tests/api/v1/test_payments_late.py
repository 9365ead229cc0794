"""Paying when something has changed meanwhile: lapsed, moved, given up, smaller, gone."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.offerings import PaymentTerms
from app.domain.payments import GatewayName
from app.domain.roles import Role
from app.models import Tickets
from app.tasks.cleanup import earn_some
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.jobs import deliver_all
from tests.factories.payments import BALANCES, PAYMENTS, ensure_books_balance
from tests.factories.races import at_once
from tests.fakes.bank import Bank

PRICE = 1000
TICKETS = Query(select(Tickets.id).order_by(Tickets.id), lambda id_: id_)


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def adapters(adapters, bank):
    return replace(adapters, gateways={GatewayName.SANDBOX: bank})


class Customer:
    """Somebody who books and pays over HTTP."""

    def __init__(self, client, bank, headers):
        self.client, self.bank, self.headers = client, bank, headers

    async def post(self, path, headers=None, **body):
        return await self.client.post(path, json=body, headers=self.headers | (headers or {}))

    async def book(self, **wanted):
        answer = await self.post("/bookings", **wanted)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def begin(self, booking, method="card", **headers):
        return await self.post(
            "/payments", booking_id=booking["id"], payment_method=method, headers=headers
        )

    async def paid(self, place=-1):
        """Pay the last that was begun, and let it be told."""
        self.bank.pay([*self.bank.charges][place])
        body = self.bank.body(len(self.bank.notices) - 1)
        answer = await self.client.post("/webhooks/sandbox", content=body)
        assert answer.status_code == 200, answer.text

    async def standing(self, booking):
        answer = await self.client.get(f"/bookings/{booking['id']}", headers=self.headers)
        return answer.json()["status"], answer.json()["payment_status"]


@pytest.fixture
async def me(client, connection, adapters, bank):
    return Customer(client, bank, await sign_in(connection, adapters))


@pytest.fixture
async def offering(connection):
    provider = await make_provider(connection)
    return await make_offering(
        connection, provider, payment=PaymentTerms.PREPAID, price_amount=PRICE
    )


async def test_what_lapsed_and_nobody_noticed_is_confirmed(me, offering, clock):
    booking = await me.book(service_id=str(offering.id), starts_at=at(6000).isoformat())
    await me.begin(booking)
    clock.forward(minutes=60)

    await me.paid()

    assert await me.standing(booking) == ("confirmed", "paid")


async def test_a_lapsed_hold_of_another_is_not_in_the_way(
    me, client, connection, adapters, bank, offering, clock
):
    wanted = {"service_id": str(offering.id), "starts_at": at(6000).isoformat()}
    booking = await me.book(**wanted)
    await me.begin(booking)
    clock.forward(minutes=60)
    other = Customer(client, bank, await sign_in(connection, adapters))
    theirs = await other.book(**wanted)
    clock.forward(minutes=60)

    await me.paid()

    assert await me.standing(booking) == ("confirmed", "paid")
    assert await other.standing(theirs) == ("expired", "unpaid")


async def test_what_was_paid_stays_so_when_it_is_moved(me, connection, doors, offering):
    booking = await me.book(service_id=str(offering.id), starts_at=at(6000).isoformat())
    await me.begin(booking)
    await me.paid()

    moved = await me.post(f"/bookings/{booking['id']}/reschedule", starts_at=at(9000).isoformat())
    await deliver_all(doors)

    assert moved.status_code == 200, moved.text
    assert await me.standing(booking) == ("confirmed", "paid")
    assert await connection.all(BALANCES) == [("deposits", PRICE), ("gateway_clearing", -PRICE)]


async def test_what_is_moved_while_it_is_paid_for_is_confirmed(me, offering):
    booking = await me.book(service_id=str(offering.id), starts_at=at(6000).isoformat())
    await me.begin(booking)
    await me.post(f"/bookings/{booking['id']}/reschedule", starts_at=at(9000).isoformat())

    await me.paid()

    assert await me.standing(booking) == ("confirmed", "paid")


async def test_what_is_to_be_paid_on_site_may_be_paid_by_card_and_is_earned(
    me, connection, doors, offering, clock
):
    provider = await make_provider(connection)
    on_site = await make_offering(
        connection, provider, payment=PaymentTerms.ON_SITE, price_amount=PRICE
    )
    booking = await me.book(service_id=str(on_site.id), starts_at=at(600).isoformat())
    assert await me.standing(booking) == ("confirmed", "unpaid")
    await me.begin(booking)
    await me.paid()
    clock.forward(days=2)

    await doors.perform(lambda services: services.booking_changes.complete_over())
    await doors.perform(earn_some)

    assert (await connection.all(BALANCES))[0] == ("gateway_clearing", -PRICE)
    assert "deposits" not in dict(await connection.all(BALANCES))


async def test_what_is_paid_again_after_it_was_earned_goes_back_from_there(
    me, connection, doors, clock
):
    provider = await make_provider(connection)
    on_site = await make_offering(
        connection, provider, payment=PaymentTerms.ON_SITE, price_amount=PRICE
    )
    booking = await me.book(service_id=str(on_site.id), starts_at=at(600).isoformat())
    await me.begin(booking)
    await me.begin(booking, "credit_card")
    await me.paid(0)
    clock.forward(days=2)
    await doors.perform(lambda services: services.booking_changes.complete_over())
    await doors.perform(earn_some)
    earned = await connection.all(BALANCES)

    await me.paid(1)
    await deliver_all(doors)

    assert await connection.all(BALANCES) == earned
    await ensure_books_balance(connection)


async def test_fewer_tickets_are_paid_at_their_price(me, connection, doors):
    organizer = await make_user(connection, Role.ORGANIZER)
    kinds = [ticket_type("Front", 1500), ticket_type("Back", 700)]
    event, types = await make_event(connection, organizer.id, now=NOW, seats=9, types=kinds)
    items = [{"ticket_type_id": str(one.id), "quantity": 2} for one in types]
    booking = await me.book(event_id=str(event.id), tickets=items)
    first = (await me.begin(booking)).json()
    ticket_id = (await connection.all(TICKETS))[0]
    place = f"/bookings/{booking['id']}/tickets/{ticket_id}"
    back = await me.client.delete(place, headers=me.headers)
    assert back.status_code == 200, back.text

    second = (await me.begin(booking)).json()
    await me.paid(0)
    await deliver_all(doors)

    assert first["amount"]["amount"] == 4400
    assert second["id"] != first["id"]
    assert await me.standing(booking) == ("confirmed", "paid")
    payments = await connection.all(PAYMENTS)
    assert payments[0].left == second["amount"]["amount"]
    await ensure_counted(connection)
    await ensure_books_balance(connection)


async def test_somebody_erased_leaves_their_payments(me, connection, doors, offering):
    booking = await me.book(service_id=str(offering.id), starts_at=at(6000).isoformat())
    await me.begin(booking)
    await me.paid()
    (payment,) = await connection.all(PAYMENTS)

    await doors.perform(
        lambda services: services.booking_changes.cancel_for(payment.user_id, [payment.booking_id])
    )
    await deliver_all(doors)

    (after,) = await connection.all(PAYMENTS)
    assert (after.id, after.left) == (payment.id, 0)
    assert await connection.all(BALANCES) == []


async def test_nobody_takes_cards_where_there_is_no_gateway(me, bank, offering, adapters):
    booking = await me.book(service_id=str(offering.id), starts_at=at(6000).isoformat())
    adapters.gateways.clear()

    answers = [await me.begin(booking, method) for method in ("card", "freedompay")]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (422, "method-unavailable")
    ] * 2


async def test_one_key_for_two_bookings_at_once_pays_for_one(
    real_client, real_doors, adapters, bank
):
    async with real_doors.database.read() as connection:
        me = Customer(real_client, bank, await sign_in(connection, adapters))
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider, payment=PaymentTerms.PREPAID)
    times = [at(6000).isoformat(), at(9000).isoformat()]
    bookings = [await me.book(service_id=str(offering.id), starts_at=time) for time in times]
    key = {"Idempotency-Key": "one"}

    answers = await at_once(real_doors, *(me.begin(one, **key) for one in bookings))

    assert sorted(one.status_code for one in answers) == [201, 422], [a.text for a in answers]
    assert len(bank.charges) == 1


@pytest.mark.parametrize("turn", range(3))
async def test_paid_cancelled_and_settled_at_once_all_end(
    real_client, real_doors, adapters, bank, turn
):
    async with real_doors.database.read() as connection:
        me = Customer(real_client, bank, await sign_in(connection, adapters))
        organizer = await make_user(connection, Role.ORGANIZER)
        event, _ = await make_event(
            connection, organizer.id, now=NOW, seats=9, types=[ticket_type("Paid", PRICE)]
        )
    bookings = [await me.book(event_id=str(event.id), seats=1) for _ in range(3)]
    for booking in bookings:
        await me.begin(booking)
    for id_ in bank.charges:
        bank.pay(id_)

    async def tell(place):
        return await real_client.post("/webhooks/sandbox", content=bank.body(place))

    calls = []
    for place, booking in enumerate(bookings):
        calls += [tell(place), me.post(f"/bookings/{booking['id']}/cancel"), tell(place)]
        calls.append(real_doors.perform(lambda services: services.seating.settle_all()))
        calls.append(
            real_doors.perform(
                lambda services, booking=booking: services.refunds.settle(booking["id"])
            )
        )
    calls = calls[turn:] + calls[:turn]
    answers = await at_once(real_doors, *calls)
    await deliver_all(real_doors)

    assert {one.status_code for one in answers if hasattr(one, "status_code")} == {200}
    async with real_doors.database.read() as connection:
        assert await connection.all(BALANCES) == []
        assert [one.status for one in await connection.all(PAYMENTS)] == ["refunded"] * 3
        await ensure_counted(connection)
        await ensure_books_balance(connection)
