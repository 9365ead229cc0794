"""A card that is only authorized when booked: at Stripe, at FreedomPay, and in the sandbox."""

import pytest
from sqlalchemy import bindparam, select

from app.core.statements import Query
from app.domain.captures import CaptureMode
from app.models import Providers
from app.repositories.payment_checks import PaymentCheckRepository
from tests.api.v1.test_webhooks import (
    answering,
    booked,
    closed,
    freedompay,
    pay,
    settings,
    shown,
    standing,
    stripe,
    tell,
)
from tests.factories.accounts import sign_in
from tests.factories.jobs import deliver_all
from tests.factories.payments import BALANCES, ensure_books_balance

__all__ = ["closed", "freedompay", "settings", "stripe"]
DAY = 24 * 60
OWNER = Query(select(Providers.user_id).where(Providers.id == bindparam("id")), lambda id_: id_)


@pytest.fixture(params=["card", "freedompay"])
def method(request):
    return request.param


class Till:
    """Whoever keeps the money: Stripe or FreedomPay, over real HTTP."""

    def __init__(self, client, clock, stripe, freedompay):
        self.client, self.clock = client, clock
        self.stripe, self.freedompay = stripe, freedompay
        answering(client, freedompay)

    async def authorize(self, payment):
        if payment["gateway"] == "freedompay":
            return await self.freedompay.pay(payment["id"])
        (intent,) = self.stripe.intents
        event = self.stripe.event(
            "payment_intent.amount_capturable_updated", self.stripe.pay(intent)
        )
        return await tell(self.client, self.clock, event, event)

    def taken(self, payment):
        """Return what was captured there, in cents; None of what is only kept, or was let go."""
        if payment["gateway"] == "freedompay":
            found = self.freedompay.payments[payment["id"]]
            return int(found.clearing * 100) if found.is_captured else None
        (intent,) = self.stripe.intents.values()
        return intent["amount_received"] if intent["status"] == "succeeded" else None

    def is_let_go(self, payment):
        if payment["gateway"] == "freedompay":
            return self.freedompay.payments[payment["id"]].status == "revoked"
        return [one["status"] for one in self.stripe.intents.values()] == ["canceled"]


@pytest.fixture
def till(client, clock, stripe, freedompay):
    return Till(client, clock, stripe, freedompay)


@pytest.fixture
async def held(client, connection, adapters, doors, till, method):
    """Book what is charged later, have the card authorized, and return who, what and how."""

    async def keep(**terms):
        given = {"capture": CaptureMode.MANUAL, "free_until_minutes": 60, "late_fee_percent": 50}
        me, booking = await booked(client, connection, adapters, **{**given, **terms})
        payment = await pay(client, me, booking, method)
        await till.authorize(payment)
        await deliver_all(doors)
        return me, booking, payment

    return keep


async def agree(connection):
    await ensure_books_balance(connection)
    assert await PaymentCheckRepository(connection).found(most=20) == []
    return dict(await connection.all(BALANCES))


async def owner_of(connection, adapters, booking):
    user_id = await connection.first(OWNER, id=booking["provider_id"])
    return await sign_in(connection, adapters, user_id=user_id)


async def test_it_is_kept_and_then_taken_at_the_visit(
    client, connection, adapters, doors, clock, till, held
):
    me, booking, payment = await held()
    found = await shown(client, me, "payments", payment)
    assert (found["status"], found["capture"]) == ("authorized", "manual")
    assert (found["captured"]["amount"], till.taken(payment)) == (0, None)
    assert await standing(client, me, booking) == ("confirmed", "unpaid")
    assert await agree(connection) == {}

    clock.forward(minutes=6010)
    seller = await owner_of(connection, adapters, booking)
    assert (
        await client.post(f"/bookings/{booking['id']}/complete", headers=seller)
    ).status_code == 200
    await deliver_all(doors)

    me = await sign_in(connection, adapters, user_id=booking["customer_id"])
    paid = await shown(client, me, "payments", payment)
    assert (paid["status"], paid["captured"]["amount"], till.taken(payment)) == (
        "succeeded",
        1500,
        1500,
    )
    assert await standing(client, me, booking) == ("completed", "paid")
    await agree(connection)


async def test_it_is_let_go_when_the_booking_is_given_up(client, connection, doors, till, held):
    me, booking, payment = await held()
    await client.post(f"/bookings/{booking['id']}/cancel", headers=me)
    await deliver_all(doors)

    assert (await shown(client, me, "payments", payment))["status"] == "cancelled"
    assert till.is_let_go(payment)
    assert await agree(connection) == {}


async def test_of_what_is_cancelled_late_the_fee_is_taken(client, connection, doors, till, held):
    me, booking, payment = await held(free_until_minutes=30 * DAY)
    await client.post(f"/bookings/{booking['id']}/cancel", headers=me)
    await deliver_all(doors)

    paid = await shown(client, me, "payments", payment)
    assert (paid["amount"]["amount"], paid["captured"]["amount"]) == (1500, 750)
    assert till.taken(payment) == 750
    assert (await agree(connection))["deposits"] == 750


async def test_a_request_is_taken_when_it_is_granted(
    client, connection, adapters, doors, till, held
):
    me, booking, payment = await held(approval_required=True)
    assert await standing(client, me, booking) == ("pending", "unpaid")
    assert till.taken(payment) is None
    seller = await owner_of(connection, adapters, booking)
    await client.post(f"/bookings/{booking['id']}/confirm", headers=seller)
    await deliver_all(doors)

    assert await standing(client, me, booking) == ("confirmed", "paid")
    assert till.taken(payment) == 1500


async def test_a_request_that_is_declined_is_let_go(
    client, connection, adapters, doors, till, held
):
    me, booking, payment = await held(approval_required=True)
    seller = await owner_of(connection, adapters, booking)
    await client.post(f"/bookings/{booking['id']}/decline", headers=seller)
    await deliver_all(doors)

    assert await standing(client, me, booking) == ("declined", "unpaid")
    assert till.is_let_go(payment)
