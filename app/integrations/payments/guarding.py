"""A gateway whose calls end in time, are tried again, and rest while it doesn't answer.

Every call of the protocol can be repeated and has its effect once, so all of them are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import stamina
import structlog
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import HALF_OPENED, OPENED, OpenedState

from app.domain.gateways import GatewayUnavailable
from app.domain.payments import Asked, AskedBack, Begun, Charge, Notice, RefundReport, Verdict
from app.integrations.payments.protocol import PaymentGateway

Result = TypeVar("Result")
SECONDS: Final = 10.0
"""What a call may take with all its tries: somebody waits for it."""
MOST_TRIES: Final = 3
PAUSE: Final = 0.2
"""Seconds before the second try, or up to twice that; four times as much before the third."""
MOST_FAILURES: Final = 5
RESTS: Final = 30.0
log = structlog.get_logger("banister.payments")


class GuardedGateway:
    """Any gateway; `seconds` is what a call may take with all its tries.

    After failures in a row it rests: nobody is let through for a while, then one, and by it all or
    none. A refusal is an answer too, and so is one that we can't read for a mistake of ours.
    """

    def __init__(
        self,
        gateway: PaymentGateway,
        name: str,
        *,
        seconds: float = SECONDS,
        tries: int = MOST_TRIES,
        pause: float = PAUSE,
    ) -> None:
        self._gateway = gateway
        self._name = name
        self._seconds = seconds
        self._tries = tries
        self._pause = pause
        self._breakers = AsyncCircuitBreakerFactory(
            MOST_FAILURES, RESTS, exclude=[(BaseException, _is_answer)]
        )
        self._breakers.add_listener(_tell)

    async def begin(self, asked: Asked) -> Begun:
        return await self._ask("begin", lambda: self._gateway.begin(asked))

    async def look(self, charge: Charge) -> Charge | None:
        return await self._ask("look", lambda: self._gateway.look(charge))

    async def capture(self, charge: Charge) -> Charge:
        return await self._ask("capture", lambda: self._gateway.capture(charge))

    async def cancel(self, charge: Charge) -> Charge:
        return await self._ask("cancel", lambda: self._gateway.cancel(charge))

    async def refund(self, asked: AskedBack) -> RefundReport:
        return await self._ask("refund", lambda: self._gateway.refund(asked))

    def read(self, target: str, headers: Mapping[str, str], body: bytes) -> Notice:
        return self._gateway.read(target, headers, body)

    def answer(self, target: str, verdict: Verdict, *, reason: str = "") -> tuple[bytes, str]:
        return self._gateway.answer(target, verdict, reason=reason)

    async def close(self) -> None:
        await self._gateway.close()

    async def _ask(self, what: str, call: Callable[[], Awaitable[Result]]) -> Result:
        until = asyncio.get_running_loop().time() + self._seconds
        caller = stamina.AsyncRetryingCaller(
            attempts=self._tries,
            timeout=None,
            wait_initial=self._pause,
            wait_max=self._pause * 5,
            wait_jitter=self._pause,
            wait_exp_base=4,
        )

        def may_repeat(error: Exception) -> bool:
            is_time_left = asyncio.get_running_loop().time() + self._pause * 5 < until
            return isinstance(error, GatewayUnavailable) and error.is_repeated and is_time_left

        return await caller(may_repeat, self._tried, what, call, until)

    async def _tried(
        self, what: str, call: Callable[[], Awaitable[Result]], until: float
    ) -> Result:
        breaker = await self._breakers.get_breaker(self._name)
        if breaker.context.state == HALF_OPENED:  # somebody tries whether it is back
            raise _resting()
        try:
            async with breaker:
                return await self._in_time(what, call, until)
        except OpenedState as state:
            state.with_traceback(None)  # it is one for all who come, and would keep them
            raise _resting() from None

    async def _in_time(
        self, what: str, call: Callable[[], Awaitable[Result]], until: float
    ) -> Result:
        try:
            async with asyncio.timeout_at(until):
                return await call()
        except TimeoutError:
            log.warning("payment gateway took too long", gateway=self._name, call=what)
            raise GatewayUnavailable from None


def _resting() -> GatewayUnavailable:
    error = GatewayUnavailable()
    error.is_repeated = False
    return error


def _is_answer(error: BaseException) -> bool:
    return not isinstance(error, GatewayUnavailable)


def _tell(name: str, happened: str, event: Any) -> None:
    if happened == "state_changed" and event.state == OPENED:
        log.error("payment gateway rests", gateway=name, seconds=RESTS)
