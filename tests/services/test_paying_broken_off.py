"""A process can die before and after each commit and each call: what it was doing is done again."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select

from app.bootstrap import Doors
from app.core.database import Transaction
from app.core.errors import DatabaseUnavailable
from app.core.statements import Command, Query
from app.domain.deposits import DepositRest
from app.domain.offerings import PaymentTerms
from app.domain.payments import GatewayName
from app.models import Bookings, Jobs, LedgerEntries
from app.tasks.payments import ask_gateways, send_refunds_again
from app.tasks.registry import tasks_of
from tests.conftest import client_of
from tests.factories.accounts import sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.jobs import announced
from tests.factories.payments import BALANCES, PAYMENTS, REFUNDS, ensure_books_balance
from tests.fakes.bank import Bank

BOOKINGS = Query(
    select(Bookings.status, Bookings.payment_status).order_by(Bookings.starts_at),
    lambda *both: both,
)
ENTRIES = Query(
    select(LedgerEntries.kind, func.count()).group_by(LedgerEntries.kind).order_by("kind"),
    lambda kind, count: (str(kind), count),
)
FORGET = Command(delete(Jobs))
MOST = 4


class Points:
    """Where a process can die, counted; at the wanted one it does, once."""

    def __init__(self, wanted=0):
        self.wanted, self.passed = wanted, []

    def __call__(self, name):
        self.passed.append(name)
        if len(self.passed) == self.wanted:
            raise DatabaseUnavailable


@pytest.fixture
def dying(monkeypatch):
    """Have every commit pass two of the points that are handed in."""
    finish, given = Transaction._finish, [Points()]

    async def finished(self, *, commit):
        if not commit:
            return await finish(self, commit=False)
        try:
            given[0]("before a commit")
        except DatabaseUnavailable:
            await finish(self, commit=False)
            raise
        await finish(self, commit=True)
        given[0]("after a commit")

    monkeypatch.setattr(Transaction, "_finish", finished)
    return given


class Life:
    """Payments from their bookings to their refunds; whatever dies on the way is done again.

    `way` is one payment of one booking, a deposit and the rest of it, or one of two bookings.
    """

    def __init__(self, doors, clock, *, is_told, way):
        self.way = way
        self.bank = Bank()
        self.doors = Doors(
            doors.database, replace(doors.adapters, gateways={GatewayName.SANDBOX: self.bank})
        )
        self.clock, self.is_told = clock, is_told
        self.begins = lambda: None

    async def live(self):
        async with self.doors.database.read() as connection, client_of(self.doors) as client:
            self.connection, self.client = connection, client
            self.me = await sign_in(connection, self.doors.adapters)
            provider = await make_provider(connection)
            terms = {"deposit_percent": 30, "deposit_rest": DepositRest.LATER}
            offering = await make_offering(
                connection,
                provider,
                payment=PaymentTerms.PREPAID,
                **(terms if self.way == "deposit" else {}),
            )
            bookings = []
            for minutes in (3000, 4500)[: 1 + (self.way == "together")]:
                asked = {"service_id": str(offering.id), "starts_at": at(minutes).isoformat()}
                answer = await client.post("/bookings", json=asked, headers=self.me)
                bookings.append(answer.json()["id"])
            self.begins()
            return await self._paid_and_given_back(bookings)

    async def _paid_and_given_back(self, bookings):
        named = {"booking_id": bookings[0]}
        if self.way == "together":
            named = {"booking_ids": bookings}
        for time in range(1 + (self.way == "deposit")):
            await self._pay({**named, "payment_method": "card"}, key=f"k{time}")
            await self._look_after()
        for booking in bookings:
            await self._post(f"/bookings/{booking}/cancel", headers=self.me)
        await self._look_after()
        return await self._end()

    async def _pay(self, body, *, key):
        await self._post("/payments", json=body, headers={**self.me, "Idempotency-Key": key})
        *_, payment_id = self.bank.charges
        self.bank.pay(payment_id)
        if self.is_told:
            await self._post("/webhooks/sandbox", content=self.bank.body(self._newest()))

    def _newest(self):
        """Return where the newest notice is that a payment was paid."""
        return max(place for place, one in enumerate(self.bank.notices) if one.kind == "paid")

    async def _post(self, path, **given):
        for _ in range(MOST):
            answer = await self.client.post(path, **given)
            if answer.status_code != 503:
                break
        assert answer.status_code in (200, 201, 409), answer.text

    async def _look_after(self):
        """Do what waits in the queue, and then what is done from time to time."""
        await self._work()
        for _ in range(2):
            self.clock.forward(minutes=11)
            for use_case in (ask_gateways, send_refunds_again):
                await self._again(lambda use_case=use_case: self.doors.perform(use_case))
            await self._work()

    async def _work(self):
        while waiting := await announced(self.connection):
            await self.connection.run(FORGET)
            for message in waiting:
                for task in tasks_of(type(message)):
                    if task.handler.__module__ == "app.tasks.payments":
                        await self._again(
                            lambda task=task, message=message: self.doors.perform(
                                lambda services: task.handler(message, services)
                            )
                        )

    async def _again(self, call):
        for _ in range(MOST):
            try:
                return await call()
            except DatabaseUnavailable:
                continue
        raise AssertionError("it dies for ever")

    async def _end(self):
        await ensure_books_balance(self.connection)
        payments = await self.connection.all(PAYMENTS)
        charges = self.bank.charges.values()
        return {
            "bookings": await self.connection.all(BOOKINGS),
            "payments": sorted(
                (one.status, one.captured_amount, one.refunded_amount) for one in payments
            ),
            "refunds": [(one.state, one.amount) for one in await self.connection.all(REFUNDS)],
            "entries": await self.connection.all(ENTRIES),
            "balances": await self.connection.all(BALANCES),
            "bank": [
                (charge.state, sorted((one.state, one.amount.amount) for one in charge.refunds))
                for charge in charges
            ],
        }


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "asked"])
@pytest.mark.parametrize(
    ("way", "payments"),
    [("alone", 1), ("deposit", 2), ("together", 3)],  # a payment for two has two shares
    ids=["alone", "deposit", "together"],
)
async def test_wherever_it_dies_it_ends_as_if_it_had_not(
    doors, database, clock, dying, is_told, way, payments
):
    async def lived(points):
        dying[0], clock.now = Points(), NOW
        life = Life(doors, clock, is_told=is_told, way=way)
        life.bank.watch = lambda call: points(call)
        async with database.read() as connection:
            await connection.all(BOOKINGS)
            savepoint = connection._raw.transaction()
            await savepoint.start()
            life.begins = lambda: dying.__setitem__(0, points)
            try:
                return await life.live()
            finally:
                dying[0] = Points()
                await savepoint.rollback()

    whole = Points()
    wanted = await lived(whole)
    assert [status for status, *_ in wanted["payments"]] == ["refunded"] * payments
    assert {payment_status for _, payment_status in wanted["bookings"]} == {"refunded"}
    calls = {"before begin", "after begin", "before refund", "after refund"}
    assert calls <= set(whole.passed)

    for place, name in enumerate(whole.passed, start=1):
        assert await lived(Points(place)) == wanted, (place, name)
