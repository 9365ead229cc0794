"""Money that is only kept when something is booked: taken once, for what is due, or let go."""

from dataclasses import replace

import pytest

from app.domain.bookings import BookingStatus, PaymentStatus
from app.domain.captures import CaptureMode
from app.domain.deposits import DepositRest
from app.domain.event_bookings import Wanted
from app.domain.gateways import GatewayUnavailable
from app.domain.offerings import PaymentTerms
from app.domain.payments import GatewayName, NotPayable, PaymentMethod
from app.domain.roles import Role
from app.repositories.payment_checks import PaymentCheckRepository
from app.tasks.cleanup import complete_over, expire_holds
from app.tasks.payments import ask_gateways
from tests.factories.accounts import actor_of, make_user
from tests.factories.cards import make_card
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.events import make_event, ticket_type
from tests.factories.jobs import deliver_all
from tests.factories.ledger import top_up
from tests.factories.mail import letters
from tests.factories.payments import (
    BALANCES,
    PAYMENTS,
    REFUNDS,
    ask,
    ask_together,
    ensure_books_balance,
)
from tests.fakes.card_bank import GOOD, CardBank

PRICE, FEE, DAY = 1000, 500, 24 * 60
FAILED = "Your payment failed"
NEEDED = "Your booking waits for its payment"


@pytest.fixture
def bank():
    return CardBank()


@pytest.fixture
def adapters(adapters, bank):
    return replace(adapters, gateways={GatewayName.SANDBOX: bank})


class Shop:
    """A provider whose services keep the money first, and a customer of theirs."""

    def __init__(self, connection, doors, bank, clock, provider, customer, seller):
        self.connection, self.doors, self.bank, self.clock = connection, doors, bank, clock
        self.provider, self.user, self.seller = provider, customer, seller
        self.customer = actor_of(customer)

    async def book(self, *, starts_at=None, **terms):
        given = {
            "payment": PaymentTerms.PREPAID,
            "price_amount": PRICE,
            "late_fee_percent": 50,
            "free_until_minutes": 60,
            "capture": CaptureMode.MANUAL,
        }
        offering = await make_offering(self.connection, self.provider, **{**given, **terms})
        return await self.doors.perform(
            lambda services: services.bookings.book(
                self.customer, offering.id, starts_at=starts_at or at(2 * DAY)
            )
        )

    async def pay(self, booking, *, tells=True):
        """Let the card be authorized, and hear of it."""
        payment = await ask(self.doors, self.customer, booking.id, PaymentMethod.CARD)
        self.bank.pay(payment.id)
        if tells:
            await self.hear()
        return payment

    async def hear(self):
        """Let everything that the bank told arrive, and everything follow."""
        for place in range(len(self.bank.notices)):
            await self.doors.perform(
                lambda services, place=place: services.gateway_events.receive(
                    GatewayName.SANDBOX, "x", {}, self.bank.body(place)
                )
            )
        await deliver_all(self.doors)

    async def do(self, use_case):
        await self.doors.perform(use_case)
        await deliver_all(self.doors)

    async def wait(self, **time):
        self.clock.forward(**time)
        await self.doors.perform(expire_holds)
        await self.doors.perform(complete_over)
        await self.do(ask_gateways)

    async def shown(self, booking):
        return await self.doors.perform(
            lambda services: services.bookings.get(self.customer, booking.id)
        )

    async def payment(self):
        return (await self.connection.all(PAYMENTS))[-1]

    async def subjects(self):
        return [one.subject for one in await letters(self.doors, self.user.email)]

    async def agree(self, *, taken):
        """Hold the books, the payments and the bank against one another, and what was taken."""
        await ensure_books_balance(self.connection)
        assert await PaymentCheckRepository(self.connection).found(most=20) == []
        payments = await self.connection.all(PAYMENTS)
        for payment in payments:
            charge = self.bank.charges[payment.id]
            assert (charge.state, payment.left) == (payment.state, self.bank.left(payment.id))
        assert sum(payment.left for payment in payments) == taken
        balances = dict(await self.connection.all(BALANCES))
        assert -balances.get("gateway_clearing", 0) == taken


@pytest.fixture
async def shop(connection, doors, bank, clock):
    owner = await make_user(connection, Role.PROVIDER)
    provider = await make_provider(connection, user_id=owner.id)
    seller = actor_of(owner, provider_id=provider.id)
    return Shop(connection, doors, bank, clock, provider, await make_user(connection), seller)


def cancelling(actor, booking):
    return lambda services: services.booking_changes.cancel(actor, booking.id)


async def test_what_is_booked_is_confirmed_by_money_that_is_only_kept(shop):
    booking = await shop.book()
    await shop.pay(booking)

    payment, shown = await shop.payment(), await shop.shown(booking)
    assert (payment.status, payment.captured_amount) == ("authorized", 0)
    assert (shown.status, shown.payment_status) == (BookingStatus.CONFIRMED, PaymentStatus.UNPAID)
    assert "capture" not in shop.bank.calls
    await shop.agree(taken=0)
    again = await ask(shop.doors, shop.customer, booking.id, PaymentMethod.CARD)
    assert again.id == payment.id


async def test_at_the_visit_it_is_taken_once(shop):
    booking = await shop.book(starts_at=at(60))
    await shop.pay(booking)
    shop.clock.forward(minutes=90)
    await shop.do(lambda services: services.booking_changes.complete(shop.seller, booking.id))
    await shop.do(lambda services: services.charges.settle_authorized(booking.id))

    payment, shown = await shop.payment(), await shop.shown(booking)
    assert (payment.status, payment.capture_amount) == ("succeeded", PRICE)
    assert shown.payment_status is PaymentStatus.PAID
    assert shop.bank.calls.count("capture") == 1
    await shop.agree(taken=PRICE)


async def test_of_a_visit_that_nobody_spoke_of_it_is_taken_by_the_reconciler(shop):
    booking = await shop.book(starts_at=at(60))
    await shop.pay(booking)
    await shop.wait(hours=9)

    assert (await shop.shown(booking)).status is BookingStatus.COMPLETED
    await shop.agree(taken=PRICE)


async def test_of_a_visit_far_ahead_it_is_taken_before_it_would_lapse(shop):
    booking = await shop.book(starts_at=at(20 * DAY))
    await shop.pay(booking)
    await shop.wait(days=3, hours=23)
    await shop.agree(taken=0)

    await shop.wait(hours=2)
    await shop.agree(taken=PRICE)


async def test_who_cancels_in_time_has_it_back_as_if_nothing_was(shop):
    booking = await shop.book()
    await shop.pay(booking)
    await shop.do(cancelling(shop.customer, booking))

    assert (await shop.payment()).status == "cancelled"
    assert await shop.connection.all(REFUNDS) == []
    assert FAILED not in await shop.subjects()
    await shop.agree(taken=0)


async def test_who_cancels_late_pays_the_fee_of_it_and_no_more(shop):
    await make_card(shop.connection, shop.user.id, reference=f"{GOOD}_{shop.user.id.hex}")
    booking = await shop.book(starts_at=at(120), free_until_minutes=DAY)
    await shop.pay(booking)
    await shop.do(cancelling(shop.customer, booking))

    [payment] = await shop.connection.all(PAYMENTS)  # and the saved card is not charged, too
    assert payment.captured_amount == FEE
    assert await shop.connection.all(REFUNDS) == []
    await shop.agree(taken=FEE)


async def test_who_does_not_come_pays_the_fee_of_it_and_no_more(shop):
    booking = await shop.book(starts_at=at(60))
    await shop.pay(booking)
    shop.clock.forward(minutes=90)
    await shop.do(lambda services: services.booking_changes.miss(shop.seller, booking.id))

    await shop.agree(taken=FEE)


async def test_what_the_deposit_does_not_cover_of_a_fee_is_charged_to_the_saved_card(shop):
    await make_card(shop.connection, shop.user.id, reference=f"{GOOD}_{shop.user.id.hex}")
    booking = await shop.book(
        starts_at=at(60), deposit_percent=30, deposit_rest=DepositRest.ON_SITE
    )
    await shop.pay(booking)
    shop.clock.forward(minutes=90)
    await shop.do(lambda services: services.booking_changes.miss(shop.seller, booking.id))

    taken = [(one.is_fee, one.captured_amount) for one in await shop.connection.all(PAYMENTS)]
    assert taken == [(False, 300), (True, 200)]
    await shop.agree(taken=FEE)


async def test_a_request_is_taken_when_it_is_granted_and_so_confirmed(shop):
    booking = await shop.book(approval_required=True)
    await deliver_all(shop.doors)
    await shop.pay(booking)
    assert (await shop.shown(booking)).status is BookingStatus.PENDING
    await shop.agree(taken=0)

    await shop.do(lambda services: services.booking_changes.confirm(shop.seller, booking.id))

    shown = await shop.shown(booking)
    assert (shown.status, shown.payment_status) == (BookingStatus.CONFIRMED, PaymentStatus.PAID)
    assert (await shop.subjects()).count(NEEDED) == 1  # as it was booked, and not once more
    await shop.agree(taken=PRICE)


async def test_a_request_that_is_declined_lets_it_go(shop):
    booking = await shop.book(approval_required=True)
    await shop.pay(booking)
    await shop.do(
        lambda services: services.booking_changes.decline(shop.seller, booking.id, reason=None)
    )

    assert (await shop.payment()).status == "cancelled"
    await shop.agree(taken=0)


async def test_a_request_that_nobody_answers_lets_it_go(shop):
    booking = await shop.book(approval_required=True)
    await shop.pay(booking)
    await shop.wait(hours=25)

    assert (await shop.shown(booking)).status is BookingStatus.EXPIRED
    assert (await shop.payment()).status == "cancelled"
    await shop.agree(taken=0)


async def test_a_request_that_was_not_granted_in_time_is_not_confirmed_by_late_money(shop):
    booking = await shop.book(approval_required=True)
    payment = await ask(shop.doors, shop.customer, booking.id, PaymentMethod.CARD)
    shop.clock.forward(hours=25)
    await shop.doors.perform(expire_holds)
    shop.bank.pay(payment.id)
    await shop.hear()

    assert (await shop.shown(booking)).status is BookingStatus.EXPIRED
    await shop.agree(taken=0)
    assert (await shop.payment()).status == "cancelled"


async def test_late_money_is_kept_for_what_is_still_free(shop):
    booking = await shop.book()
    payment = await ask(shop.doors, shop.customer, booking.id, PaymentMethod.CARD)
    shop.clock.forward(minutes=30)
    await shop.doors.perform(expire_holds)
    shop.bank.pay(payment.id)
    await shop.hear()

    assert (await shop.shown(booking)).status is BookingStatus.CONFIRMED
    assert (await shop.payment()).status == "authorized"


async def test_what_lapsed_at_the_gateway_is_seen_told_and_can_be_paid_anew(shop):
    booking = await shop.book()
    payment = await shop.pay(booking)
    shop.bank.lapse(payment.id, tells=False)
    await shop.wait(hours=2)

    assert (await shop.payment()).status == "cancelled"
    assert (await shop.shown(booking)).status is BookingStatus.CONFIRMED
    assert FAILED in await shop.subjects()
    await shop.pay(booking)
    assert (await shop.payment()).status == "authorized"


async def test_what_lapses_as_it_is_to_be_taken_is_seen_too(shop):
    booking = await shop.book(approval_required=True)
    payment = await shop.pay(booking)
    shop.bank.lapse(payment.id)
    await shop.do(lambda services: services.booking_changes.confirm(shop.seller, booking.id))

    assert (await shop.payment()).status == "cancelled"
    assert (await shop.shown(booking)).status is BookingStatus.PENDING
    await shop.pay(booking)  # what is granted is taken at once
    assert (await shop.shown(booking)).status is BookingStatus.CONFIRMED
    await shop.agree(taken=PRICE)


async def test_what_the_gateway_took_by_itself_is_seen_and_what_is_too_much_goes_back(shop):
    booking = await shop.book(starts_at=at(120), free_until_minutes=DAY)
    payment = await shop.pay(booking)
    shop.bank.clear(payment.id)
    await shop.doors.perform(cancelling(shop.customer, booking))
    await shop.hear()

    [refund] = await shop.connection.all(REFUNDS)
    assert refund.amount == PRICE - FEE
    await shop.agree(taken=FEE)


async def test_who_pays_in_another_way_has_it_back(shop):
    booking = await shop.book()
    await shop.pay(booking)
    await top_up(shop.doors, shop.user.id, PRICE)
    async with shop.doors.writing() as services:
        paid = await services.payments.open(
            shop.customer, booking.id, PaymentMethod.WALLET, key=None
        )
        await services.charges.pay_at_hand(paid)
    await deliver_all(shop.doors)

    kept = await shop.connection.all(PAYMENTS)
    assert {one.method: one.status for one in kept} == {"card": "cancelled", "wallet": "succeeded"}


async def test_of_two_that_are_kept_for_one_booking_one_is_taken(shop):
    booking = await shop.book(deposit_percent=30, deposit_rest=DepositRest.ON_SITE)
    await shop.pay(booking)
    whole = await ask(shop.doors, shop.customer, booking.id, PaymentMethod.CARD)
    assert whole.amount == PRICE  # of what is only kept nothing is paid yet
    shop.bank.pay(whole.id)
    await shop.hear()
    await shop.wait(days=5)

    payments = await shop.connection.all(PAYMENTS)
    assert sum(one.left for one in payments) == PRICE
    await shop.agree(taken=PRICE)


async def test_seats_of_an_event_are_kept_the_same_way(shop):
    organizer = await make_user(shop.connection, Role.ORGANIZER)
    event, _ = await make_event(
        shop.connection,
        organizer.id,
        now=shop.clock(),
        types=[ticket_type("Paid", PRICE)],
        capture=CaptureMode.MANUAL,
        free_until_minutes=60,
    )
    booking = await shop.doors.perform(
        lambda services: services.event_bookings.book(shop.customer, event.id, [Wanted(None, 2)])
    )
    await shop.pay(booking)
    assert (await shop.payment()).status == "authorized"

    await shop.do(cancelling(shop.customer, booking))
    assert (await shop.payment()).status == "cancelled"
    await shop.agree(taken=0)


async def test_several_bookings_of_that_kind_are_not_paid_at_once(shop):
    bookings = [await shop.book(starts_at=at((day + 2) * DAY)) for day in range(2)]

    with pytest.raises(NotPayable):
        await ask_together(
            shop.doors, shop.customer, [one.id for one in bookings], PaymentMethod.CARD
        )


async def test_what_is_to_be_taken_is_written_down_before_and_stays_so(shop):
    """The answer is lost, and the booking given up, before it is asked again."""
    booking = await shop.book(approval_required=True)
    payment = await shop.pay(booking)
    shop.bank.faults["capture"].append("after")
    await shop.doors.perform(
        lambda services: services.booking_changes.confirm(shop.seller, booking.id)
    )
    with pytest.raises(GatewayUnavailable):
        await deliver_all(shop.doors)
    assert (await shop.payment()).capture_amount == PRICE
    await shop.doors.perform(cancelling(shop.customer, booking))
    await deliver_all(shop.doors)
    await shop.do(lambda services: services.charges.ask(payment.id))

    assert shop.bank.calls.count("capture") == 1  # a look was enough
    [refund] = await shop.connection.all(REFUNDS)
    assert refund.amount == PRICE
    await shop.agree(taken=0)


@pytest.mark.parametrize("fault", ["before", "after"])
@pytest.mark.parametrize("call", ["look", "capture"])
async def test_wherever_the_gateway_fails_it_is_taken_once(shop, call, fault):
    booking = await shop.book(approval_required=True)
    await shop.pay(booking)
    shop.bank.faults[call].append(fault)
    await shop.doors.perform(
        lambda services: services.booking_changes.confirm(shop.seller, booking.id)
    )
    with pytest.raises(GatewayUnavailable):
        await deliver_all(shop.doors)
    await deliver_all(shop.doors)
    await shop.wait(hours=2)

    assert (await shop.shown(booking)).status is BookingStatus.CONFIRMED
    await shop.agree(taken=PRICE)
