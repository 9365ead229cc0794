"""A gateway whose calls end in time, are tried again, and rest while it doesn't answer.

Every call of the protocol can be repeated and has its effect once, so all of them are.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

import structlog

from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.payments import Asked, AskedBack, Begun, Charge, Notice, RefundReport, Verdict
from app.integrations.payments.protocol import PaymentGateway

Result = TypeVar("Result")
SECONDS: Final = 10.0
"""What a call may take with all its tries: somebody waits for it."""
PAUSES: Final = (0.2, 0.8)
"""Seconds between tries, more or less; one try more than there are pauses."""
MOST_FAILURES: Final = 5
RESTS: Final = 30.0
log = structlog.get_logger("banister.payments")


class Breaker:
    """Lets nobody through for a while after failures in a row; then one, and by it all or none."""

    def __init__(self, name: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._monotonic = monotonic
        self._failures = 0
        self._rests_until = float("-inf")

    def ensure_closed(self) -> None:
        """Refuse with GatewayUnavailable while it rests; who comes first afterwards, tries."""
        now = self._monotonic()
        if now < self._rests_until:
            raise GatewayUnavailable
        if self._failures >= MOST_FAILURES:
            self._rests_until = now + RESTS

    def succeeded(self) -> None:
        self._failures, self._rests_until = 0, float("-inf")

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            self._rests_until = self._monotonic() + RESTS
            log.error("payment gateway rests", gateway=self._name, seconds=RESTS)


class GuardedGateway:
    """Any gateway; `seconds` is what a call may take with all its tries."""

    def __init__(
        self,
        gateway: PaymentGateway,
        name: str,
        *,
        seconds: float = SECONDS,
        pauses: tuple[float, ...] = PAUSES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gateway = gateway
        self._name = name
        self._seconds = seconds
        self._pauses = pauses
        self._breaker = Breaker(name, monotonic=monotonic)

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
        try:
            async with asyncio.timeout(self._seconds):
                for pause in self._pauses:
                    self._breaker.ensure_closed()
                    try:
                        return await self._tried(call)
                    except GatewayUnavailable as error:
                        if not error.is_repeated:
                            raise
                        await asyncio.sleep(random.uniform(pause / 2, pause))
                self._breaker.ensure_closed()
                return await self._tried(call)
        except TimeoutError:
            self._breaker.failed()
            log.warning("payment gateway took too long", gateway=self._name, call=what)
            raise GatewayUnavailable from None

    async def _tried(self, call: Callable[[], Awaitable[Result]]) -> Result:
        try:
            result = await call()
        except GatewayUnavailable:
            self._breaker.failed()
            raise
        except GatewayRefused:  # so it answers
            self._breaker.succeeded()
            raise
        self._breaker.succeeded()
        return result
