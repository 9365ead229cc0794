"""Whatever happens to money, and in whatever order: the books balance, and all agree."""

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
from sqlalchemy import BigInteger, SmallInteger, bindparam, case, delete, select, update

from app.bootstrap import Doors, Services
from app.core.database import SESSION, Database, speak_json
from app.core.errors import AppError
from app.core.ids import new_id
from app.core.money import Money
from app.core.statements import Command, Query
from app.domain.bookings import Booking
from app.domain.captures import CaptureMode
from app.domain.deposits import DepositRest
from app.domain.disputes import DisputeState
from app.domain.event_bookings import Wanted
from app.domain.fees import FeeOwed
from app.domain.gateways import GatewayUnavailable
from app.domain.offerings import PaymentTerms
from app.domain.payments import (
    LONGEST_PAUSE,
    GatewayName,
    Payment,
    PaymentMethod,
    RefundState,
)
from app.domain.roles import Role
from app.models import Bookings, Events, Jobs, Offerings, Payments, Tickets
from app.repositories.base import columns
from app.tasks import cleanup
from app.tasks.fees import charge_fees_again
from app.tasks.payments import ask_gateways, look_after_paid, send_refunds_again
from app.tasks.registry import tasks_of
from tests.conftest import OneConnection
from tests.factories.accounts import actor_of, make_user
from tests.factories.agreeing import (
    ensure_as_the_bank,
    ensure_bookings_agree,
    ensure_books_agree,
)
from tests.factories.cards import make_card
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, Clock, at
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.jobs import read
from tests.factories.payments import (
    BALANCES,
    PAYMENTS,
    REFUNDS,
    ask,
    ask_together,
    ensure_books_balance,
)
from tests.fakes.card_bank import GOOD, SHY, CardBank

PRICE, SEATS, TOP_UP = 1000, 3, 2500
SOON, FAR = at(2 * 60), at(20 * 24 * 60)
PEOPLE = st.integers(0, 1)
WORKING = ("app.tasks.payments", "app.tasks.fees")
SETTLING = (
    charge_fees_again,
    cleanup.expire_holds,
    cleanup.settle_events,
    cleanup.complete_over,
    cleanup.complete_events,
    cleanup.earn_some,
    ask_gateways,
    look_after_paid,
    send_refunds_again,
)
DEPOSITS = st.sampled_from(
    [
        {"percent": percent, "amount": amount, "rest": rest}
        for percent, amount in ((30, None), (None, 450))
        for rest in DepositRest
    ]
    + [{"percent": None, "amount": None, "rest": None}]
)
BOOKINGS = Query(select(*columns(Bookings, Booking)).order_by(Bookings.id), Booking)
LOOKED_AFTER = Query(select(Payments.id).where(Payments.look_at.is_not(None)), lambda id_: id_)
TICKETS = Query(select(Tickets.booking_id, Tickets.id), lambda booking_id, id_: (booking_id, id_))


def asking(table: Any) -> Command:
    """Return what has everything in a table ask for a deposit, or for none."""
    amount = bindparam("amount", type_=BigInteger)
    return Command(
        update(table).values(
            deposit_percent=bindparam("percent", type_=SmallInteger),
            deposit_amount=amount,
            deposit_currency=case((amount.is_not(None), "EUR")),
            deposit_rest=bindparam("rest", type_=table.deposit_rest.type),
        )
    )


CHARGING = {
    table: Command(
        update(table).values(capture=bindparam("capture", type_=table.__table__.c.capture.type))
    )
    for table in (Offerings, Events)
}
OF_SERVICES, OF_EVENTS = asking(Offerings), asking(Events)
TAKE = Query(
    delete(Jobs)
    .where(Jobs.c.id == select(Jobs.c.id).order_by(Jobs.c.id).limit(1).scalar_subquery())
    .returning(Jobs.c.entrypoint, Jobs.c.payload),
    read,
)


class Counted(OneConnection):
    """Tells whether the connection is out: then a transaction is open."""

    held = 0

    async def acquire(self) -> Any:
        self.held += 1
        return await super().acquire()

    async def release(self, connection: Any) -> None:
        self.held -= 1


def paying(url: str, adapters: Any, clock: Clock) -> type[RuleBasedStateMachine]:
    """Return a machine that does anything to money, in a transaction that is taken back."""

    class Paying(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            clock.now = NOW
            self.runner = asyncio.Runner()
            self.bank = CardBank()
            self.bank.watch = self._ensure_nothing_is_open
            self.told = 0
            self.bookings: list[Booking] = []
            self.runner.run(self._open())

        async def _open(self) -> None:
            self.raw = await asyncpg.connect(url, server_settings=SESSION)
            await speak_json(self.raw)
            self.outer = self.raw.transaction()
            await self.outer.start()
            self.pool = Counted(self.raw)
            mine = adapters.__class__.__dataclass_fields__  # all but the gateways as they are
            given = {name: getattr(adapters, name) for name in mine}
            given["gateways"] = {GatewayName.SANDBOX: self.bank}
            self.doors = Doors(Database(self.pool), adapters.__class__(**given))
            async with self.doors.database.read() as connection:
                organizer = await make_user(connection, Role.ORGANIZER)
                provider = await make_provider(connection)
                self.offering = await make_offering(
                    connection,
                    provider,
                    payment=PaymentTerms.PREPAID,
                    price_amount=PRICE,
                    free_until_minutes=24 * 60,
                    late_fee_percent=50,
                )
                self.on_site = await make_offering(
                    connection,
                    provider,
                    payment=PaymentTerms.ON_SITE,
                    price_amount=PRICE,
                    free_until_minutes=24 * 60,
                    late_fee_percent=50,
                )
                self.event, (self.kind,) = await make_event(
                    connection,
                    organizer.id,
                    now=NOW,
                    seats=SEATS,
                    types=[ticket_type("Paid", PRICE)],
                    free_until_minutes=60 * 24 * 60,
                    late_fee_percent=25,
                    no_show_fee_percent=80,
                )
                people = [await make_user(connection) for _ in range(2)]
                for one, card in zip(people, (GOOD, SHY), strict=True):
                    await make_card(connection, one.id, reference=f"{card}_{one.id.hex}")
                staff = await make_user(connection, Role.ACCOUNTANT)
                support = await make_user(connection, Role.ADMIN)
            self.people = [actor_of(one) for one in people]
            self.staff, self.support = actor_of(staff), actor_of(support)
            for one in people:
                await self.doors.perform(
                    lambda services, one=one: services.ledger.wallet_topped_up(
                        new_id(), Money(TOP_UP, "EUR"), gateway="sandbox", user_id=one.id
                    )
                )

        def teardown(self) -> None:
            try:
                self.come_to_rest()
            finally:
                self.runner.run(self._close())
                self.runner.close()

        async def _close(self) -> None:
            await self.outer.rollback()
            await self.raw.close()

        def _ensure_nothing_is_open(self, _: str) -> None:
            assert self.pool.held == 0, "a transaction is open during a call"

        def _try(self, use_case: Callable[[Services], Awaitable[Any]]) -> Any:
            return self._run(self.doors.perform(use_case))

        def _run(self, doing: Awaitable[Any]) -> Any:
            try:
                return self.runner.run(_awaited(doing))
            except (AppError, GatewayUnavailable):
                return None

        def _all(self, query: Query[Any]) -> list[Any]:
            return self.runner.run(self._read(query))

        async def _read(self, query: Query[Any]) -> list[Any]:
            async with self.doors.database.read() as connection:
                return await connection.all(query)

        def _payment(self, data: st.DataObject) -> Payment | None:
            known = [one for one in self._all(PAYMENTS) if one.id in self.bank.charges]
            return data.draw(st.sampled_from(known)) if known else None

        def _customer(self, booking: Booking) -> Any:
            return next(one for one in self.people if one.user_id == booking.customer_id)

        @initialize(
            starts_at=st.sampled_from([SOON, FAR]),
            quantity=st.integers(1, 2),
            are_paid=st.sampled_from([2, 2, 2, 1, 0]),
            deposits=st.tuples(DEPOSITS, DEPOSITS),
            together=st.booleans(),
            capture=st.sampled_from(CaptureMode),
        )
        def begin(
            self,
            starts_at: Any,
            quantity: int,
            are_paid: int,
            deposits: Any,
            together: bool,
            capture: CaptureMode,
        ) -> None:
            self.runner.run(self._ask_for(*deposits))
            self.charge_cards(capture)
            self.book_time(0, starts_at)
            self.book_seats(0 if together else 1, quantity)
            if together:
                ids = sorted(one.id for one in self.bookings)
                self._run(ask_together(self.doors, self.people[0], ids, PaymentMethod.CARD))
            for booking in list(self.bookings)[2 * together :]:
                who = self._customer(booking)
                self._run(ask(self.doors, who, booking.id, PaymentMethod.CARD))
            for payment_id in list(self.bank.charges)[:are_paid]:
                self.bank.pay(payment_id)
                self.hear_anything(len(self.bank.notices) - 1)

        async def _ask_for(self, percent: dict[str, Any], fixed: dict[str, Any]) -> None:
            """Let services and events ask for a deposit, or for none."""
            async with self.doors.database.read() as connection:
                await connection.run(OF_SERVICES, **percent)
                await connection.run(OF_EVENTS, **fixed)

        @rule(capture=st.sampled_from(CaptureMode))
        def charge_cards(self, capture: CaptureMode) -> None:
            """Charge cards at once from now on, or have them authorized first."""
            self.runner.run(self._charge_cards(capture))

        async def _charge_cards(self, capture: CaptureMode) -> None:
            async with self.doors.database.read() as connection:
                for table in (Offerings, Events):
                    await connection.run(CHARGING[table], capture=capture)

        @rule(data=st.data(), takes=st.booleans(), tells=st.booleans())
        def let_go_or_take_by_itself(self, data: st.DataObject, takes: bool, tells: bool) -> None:
            if payment := self._payment(data):
                if takes:
                    self.bank.clear(payment.id)
                else:
                    self.bank.lapse(payment.id, tells=tells)

        @rule(who=PEOPLE, starts_at=st.sampled_from([SOON, FAR]))
        def book_time(self, who: int, starts_at: Any) -> None:
            booking = self._try(
                lambda services: services.bookings.book(
                    self.people[who], self.offering.id, starts_at=starts_at
                )
            )
            self.bookings += [booking] if booking else []

        @rule(who=PEOPLE, starts_at=st.sampled_from([SOON, FAR]))
        def book_to_pay_on_site(self, who: int, starts_at: Any) -> None:
            booking = self._try(
                lambda services: services.bookings.book(
                    self.people[who], self.on_site.id, starts_at=starts_at
                )
            )
            self.bookings += [booking] if booking else []

        @precondition(lambda self: self.bookings)
        @rule(data=st.data())
        def waive(self, data: st.DataObject) -> None:
            booking = data.draw(st.sampled_from(self.bookings))
            self._try(lambda services: services.fees.waive(self.support, booking.id, reason=None))

        @rule(who=PEOPLE, quantity=st.integers(1, 3))
        def book_seats(self, who: int, quantity: int) -> None:
            wanted = [Wanted(self.kind.id, quantity)]
            booking = self._try(
                lambda services: services.event_bookings.book(
                    self.people[who], self.event.id, wanted
                )
            )
            self.bookings += [booking] if booking else []

        @precondition(lambda self: self.bookings)
        @rule(
            data=st.data(),
            method=st.sampled_from(["card", "card", "credit_card", "wallet", "cash"]),
        )
        def pay(self, data: st.DataObject, method: str) -> None:
            booking, way = data.draw(st.sampled_from(self.bookings)), PaymentMethod(method)
            who = self.support if method == "cash" else self._customer(booking)
            if method in ("card", "credit_card"):
                self._run(ask(self.doors, who, booking.id, way))
                return

            async def at_hand(services: Services) -> None:
                payment = await services.payments.open(who, booking.id, way, key=None)
                await services.charges.pay_at_hand(payment)

            self._try(at_hand)

        @precondition(lambda self: len(self.bookings) > 1)
        @rule(data=st.data(), method=st.sampled_from(["card", "card", "wallet", "cash"]))
        def pay_together(self, data: st.DataObject, method: str) -> None:
            first = data.draw(st.sampled_from(self.bookings))
            own = [one for one in self.bookings if one.customer_id == first.customer_id]
            some = data.draw(st.lists(st.sampled_from(own), min_size=1, max_size=3))
            ids = sorted({first.id, *(one.id for one in some)})
            if len(ids) < 2:
                return
            way = PaymentMethod(method)
            who = self.support if method == "cash" else self._customer(first)
            if method == "card":
                self._run(ask_together(self.doors, who, ids, way))
                return

            async def at_hand(services: Services) -> None:
                payment = await services.group_payments.open(who, ids, way, key=None)
                await services.charges.pay_at_hand(payment)

            self._try(at_hand)

        @rule(data=st.data(), succeeds=st.sampled_from([True, True, False]), tells=st.booleans())
        def try_the_card(self, data: st.DataObject, succeeds: bool, tells: bool) -> None:
            if payment := self._payment(data):
                act = self.bank.pay if succeeds else self.bank.decline
                act(payment.id)
                if tells:
                    self.hear_anything(place=len(self.bank.notices) - 1)

        @precondition(lambda self: self.bank.notices)
        @rule(data=st.data())
        def hear(self, data: st.DataObject) -> None:
            self.hear_anything(data.draw(st.integers(0, len(self.bank.notices) - 1)))

        def hear_anything(self, place: int) -> None:
            if place >= 0:
                self._try(
                    lambda services: services.gateway_events.receive(
                        GatewayName.SANDBOX, "sandbox", {}, self.bank.body(place)
                    )
                )

        @rule(data=st.data())
        def come_back_in_the_browser(self, data: st.DataObject) -> None:
            if payment := self._payment(data):
                found = self._try(lambda services: services.payments.get(self.staff, payment.id))
                assert found == payment

        @precondition(lambda self: self.bookings)
        @rule(data=st.data(), by_customer=st.booleans())
        def cancel(self, data: st.DataObject, by_customer: bool) -> None:
            booking = data.draw(st.sampled_from(self.bookings))
            who = self._customer(booking) if by_customer else self.support
            self._try(lambda services: services.booking_changes.cancel(who, booking.id))

        @precondition(lambda self: self.bookings)
        @rule(data=st.data())
        def give_a_ticket_back(self, data: st.DataObject) -> None:
            booking = data.draw(st.sampled_from(self.bookings))
            tickets = [id_ for of, id_ in self._all(TICKETS) if of == booking.id]
            if tickets:
                ticket_id = data.draw(st.sampled_from(sorted(tickets)))
                who = self._customer(booking)
                self._try(
                    lambda services: services.event_bookings.give_back(who, booking.id, ticket_id)
                )

        @precondition(lambda self: self.bookings)
        @rule(data=st.data())
        def miss(self, data: st.DataObject) -> None:
            booking = data.draw(st.sampled_from(self.bookings))
            self._try(lambda services: services.booking_changes.miss(self.support, booking.id))

        @rule(data=st.data(), amount=st.sampled_from([None, 300, 700]), at_bank=st.booleans())
        def refund(self, data: st.DataObject, amount: int | None, at_bank: bool) -> None:
            payment = self._payment(data)
            if payment is None:
                return
            if at_bank:
                self.bank.give_back(
                    payment.id,
                    amount or self.bank.left(payment.id),
                    tells=data.draw(st.booleans()) or payment.id not in self._all(LOOKED_AFTER),
                )
                return
            money = Money(amount, payment.currency) if amount else None
            of = data.draw(st.sampled_from(payment.booking_ids)) if payment.booking_ids else None

            async def give_back(services: Services) -> None:
                share_id = await services.group_payments.share(self.staff, payment.id, of)
                await services.refunds.request(self.staff, share_id, amount=money, reason=None)

            self._try(give_back)

        @rule(data=st.data(), state=st.sampled_from(DisputeState))
        def dispute(self, data: st.DataObject, state: DisputeState) -> None:
            if payment := self._payment(data):
                self.bank.dispute(payment.id, state)

        @rule(outcome=st.sampled_from([RefundState.PENDING, RefundState.FAILED]))
        def let_the_next_refund_end_so(self, outcome: RefundState) -> None:
            self.bank.outcomes.append(outcome)

        @rule(data=st.data(), state=st.sampled_from([RefundState.SUCCEEDED, RefundState.FAILED]))
        def end_a_refund(self, data: st.DataObject, state: RefundState) -> None:
            known = [(id_, one) for id_, c in self.bank.charges.items() for one in c.refunds]
            if known:
                payment_id, one = data.draw(st.sampled_from(known))
                self.bank.settle_refund(payment_id, one.reference, state)

        @rule(
            call=st.sampled_from(["begin", "look", "capture", "cancel", "refund"]),
            when=st.sampled_from(["before", "after"]),
        )
        def let_a_call_fail(self, call: str, when: str) -> None:
            self.bank.faults[call].append(when)

        @rule(minutes=st.sampled_from([6, 16, 3 * 60, 22 * 24 * 60, 12 * 24 * 60]))
        def go_on(self, minutes: int) -> None:
            clock.now += timedelta(minutes=minutes)

        @rule(use_case=st.sampled_from(SETTLING))
        def look_after(self, use_case: Any) -> None:
            self._try(use_case)

        @rule(most=st.sampled_from([1, 3]))
        def work(self, most: int) -> None:
            for _ in range(most):
                message = self.runner.run(self._job())
                if message is None:
                    return
                for task in tasks_of(type(message)):
                    if task.handler.__module__ in WORKING and not isinstance(message, FeeOwed):
                        self._try(
                            lambda services, task=task, message=message: task.handler(
                                message, services
                            )
                        )

        async def _job(self) -> Any:
            async with self.doors.database.transaction() as connection:
                return await connection.first(TAKE)

        @rule()
        def come_to_rest(self) -> None:
            """Nothing fails any more, everything is told, and time goes by."""
            self.bank.faults.clear()
            self.bank.outcomes.clear()
            for payment_id, charge in list(self.bank.charges.items()):
                for one in charge.refunds:
                    if one.state is RefundState.PENDING:
                        self.bank.settle_refund(payment_id, one.reference, RefundState.SUCCEEDED)
            for _ in range(3):
                while self.told < len(self.bank.notices):
                    self.told += 1
                    self.hear_anything(self.told - 1)
                self.work(60)
                clock.now += LONGEST_PAUSE  # as long as anything waits
                for use_case in SETTLING:
                    self._try(use_case)
            self.work(60)
            self._ensure_all_agree()

        @invariant()
        def the_books_balance(self) -> None:
            self.runner.run(self._ensure())

        async def _ensure(self) -> None:
            async with self.doors.database.read() as connection:
                await ensure_books_balance(connection)
                await ensure_counted(connection)

        def _ensure_all_agree(self) -> None:
            bookings, payments = self._all(BOOKINGS), self._all(PAYMENTS)
            refunds, balances = self._all(REFUNDS), dict(self._all(BALANCES))
            ensure_as_the_bank(payments, self.bank)
            ensure_bookings_agree(
                bookings, payments, refunds, now=clock.now, on_site=self.on_site.id
            )
            ensure_books_agree(balances, payments, self.bank, topped_up=2 * TOP_UP)

    return Paying


async def _awaited(doing: Awaitable[Any]) -> Any:
    return await doing


def test_all_agree_after_anything(url, adapters, clock):
    machine = paying(url, adapters, clock)

    machine.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
    machine.TestCase().runTest()
