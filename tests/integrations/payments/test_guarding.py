"""A gateway that doesn't answer keeps nobody waiting, and is left alone for a while."""

import asyncio

import pytest
import time_machine

from app.core.money import Money
from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.payments import Charge, ChargeState, Verdict
from app.integrations.guarding import MOST_FAILURES, RESTS
from app.integrations.payments.guarding import GuardedGateway
from app.integrations.payments.protocol import PaymentGateway
from tests.factories.clock import NOW
from tests.integrations.payments.vendors import asked, back

PRICE = Money(45_00, "EUR")
CHARGE = Charge("pi_1", asked(PRICE).payment_id, ChargeState.OPEN, PRICE)


class Broken:
    """A gateway whose calls end as `outcomes` say, one by one, and then well."""

    def __init__(self, *outcomes: Exception) -> None:
        self.outcomes = list(outcomes)
        self.calls = 0

    async def _call(self, *_: object) -> Charge:
        self.calls += 1
        if self.outcomes:
            raise self.outcomes.pop(0)
        return CHARGE

    begin = look = capture = cancel = refund = _call

    def read(self, *given: object) -> object:
        return given

    def answer(self, *given: object, **more: object) -> object:
        return given, more


@pytest.fixture
def time():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def guarded(gateway: object, **more) -> GuardedGateway:
    more.setdefault("pause", 0)
    return GuardedGateway(gateway, "broken", **more)  # type: ignore[arg-type]


def down(times: int) -> list[GatewayUnavailable]:
    return [GatewayUnavailable() for _ in range(times)]


async def call(gateway: PaymentGateway, name: str) -> object:
    given = {"begin": asked(PRICE), "refund": back(CHARGE, 1)}
    return await getattr(gateway, name)(given.get(name, CHARGE))


@pytest.mark.parametrize("name", ["begin", "look", "capture", "cancel", "refund"])
async def test_every_call_is_tried_three_times(name):
    broken = Broken(*down(2))
    assert await call(guarded(broken), name) == CHARGE
    assert broken.calls == 3

    broken = Broken(*down(4))
    with pytest.raises(GatewayUnavailable):
        await call(guarded(broken), name)
    assert broken.calls == 3


@pytest.mark.parametrize("error", [GatewayRefused("card_declined"), KeyError("a bug")])
async def test_a_refusal_and_a_bug_are_not_tried_again(error):
    broken = Broken(error)

    with pytest.raises(type(error)):
        await guarded(broken).look(CHARGE)

    assert broken.calls == 1


async def test_what_may_be_under_way_still_is_not_asked_for_again():
    error = GatewayUnavailable()
    error.is_repeated = False
    broken = Broken(error)

    with pytest.raises(GatewayUnavailable):
        await guarded(broken).refund(back(CHARGE, 1))

    assert broken.calls == 1


async def test_a_call_ends_in_time_whatever_it_waits_for():
    class Hanging(Broken):
        async def look(self, charge):
            self.calls += 1
            await asyncio.Event().wait()

    hanging = Hanging()
    with pytest.raises(GatewayUnavailable):
        await guarded(hanging, seconds=0.01).look(CHARGE)

    assert hanging.calls == 1
    with pytest.raises(GatewayUnavailable):  # the pause between two tries counts too
        await guarded(Broken(*down(1)), seconds=0.01, pause=60).look(CHARGE)


async def test_after_failures_in_a_row_it_is_left_alone_and_then_tried_by_one(time):
    broken = Broken(*down(MOST_FAILURES + 1))
    gateway = guarded(broken, tries=1)
    for _ in range(MOST_FAILURES + 7):
        with pytest.raises(GatewayUnavailable):
            await gateway.look(CHARGE)
    assert broken.calls == MOST_FAILURES

    time.shift(RESTS + 1)
    for _ in range(3):  # one tries, in vain
        with pytest.raises(GatewayUnavailable):
            await gateway.look(CHARGE)
    assert broken.calls == MOST_FAILURES + 1

    time.shift(RESTS + 1)
    for _ in range(3):  # one tries, and it is back
        assert await gateway.look(CHARGE) == CHARGE
    assert broken.calls == MOST_FAILURES + 4


async def test_while_one_tries_nobody_else_does(time):
    waiting = asyncio.Event()

    class Slow(Broken):
        async def look(self, charge):
            if not self.outcomes:
                self.calls += 1
                await waiting.wait()
            return await super()._call(charge)

    slow = Slow(*down(MOST_FAILURES))
    gateway = guarded(slow, tries=1)
    for _ in range(MOST_FAILURES):
        with pytest.raises(GatewayUnavailable):
            await gateway.look(CHARGE)
    time.shift(RESTS + 1)

    async with asyncio.TaskGroup() as group:
        first = group.create_task(gateway.look(CHARGE))
        await asyncio.sleep(0)
        with pytest.raises(GatewayUnavailable):
            await gateway.look(CHARGE)
        waiting.set()

    assert first.result() == CHARGE


async def test_what_it_rests_from_is_not_waited_for_and_not_kept(time):
    gateway = guarded(Broken(*down(MOST_FAILURES)), tries=1)
    for _ in range(MOST_FAILURES):
        with pytest.raises(GatewayUnavailable):
            await gateway.look(CHARGE)

    resting = guarded(Broken(), pause=60)  # tried again, it would wait for a minute
    resting._guard.breakers = gateway._guard.breakers
    for _ in range(3):
        with pytest.raises(GatewayUnavailable):
            await resting.look(CHARGE)

    breaker = await resting._guard.breakers.get_breaker("broken")
    state = breaker.context._state
    assert isinstance(state, Exception)
    assert state.__traceback__ is None


async def test_what_takes_too_long_counts_as_a_failure_and_who_goes_away_does_not(time):
    class Hanging(Broken):
        async def look(self, charge):
            self.calls += 1
            await asyncio.Event().wait()

    hanging = Hanging()
    gateway = guarded(hanging, seconds=0.01)
    for _ in range(MOST_FAILURES + 3):
        with pytest.raises(GatewayUnavailable):
            await gateway.look(CHARGE)
    assert hanging.calls == MOST_FAILURES

    patient, left = Hanging(), MOST_FAILURES + 3
    gateway = guarded(patient)
    for _ in range(left):
        task = asyncio.create_task(gateway.look(CHARGE))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert patient.calls == left


async def test_a_refusal_is_an_answer_too():
    outcomes = [*down(MOST_FAILURES - 1), GatewayRefused("no"), *down(MOST_FAILURES - 1)]
    broken = Broken(*outcomes)
    gateway = guarded(broken, tries=1)
    for _ in outcomes:
        with pytest.raises((GatewayUnavailable, GatewayRefused)):
            await gateway.look(CHARGE)

    assert await gateway.look(CHARGE) == CHARGE


def test_deliveries_are_read_while_it_rests():
    gateway = guarded(Broken())

    assert gateway.read("result", {}, b"x") == ("result", {}, b"x")
    assert gateway.answer("result", Verdict.ACCEPTED, reason="r") == (
        ("result", Verdict.ACCEPTED),
        {"reason": "r"},
    )
