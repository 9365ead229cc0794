"""Asking others over a network: in time, again where that does no harm, and not while they rest."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import stamina
import structlog
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import HALF_OPENED, OPENED, OpenedState

Result = TypeVar("Result")
Failure = TypeVar("Failure", bound=Exception)
SECONDS: Final = 10.0
"""What a call may take with all its tries: somebody waits for it."""
MOST_TRIES: Final = 3
PAUSE: Final = 0.2
"""Seconds before the second try, or up to twice that; four times as much before the third."""
MOST_FAILURES: Final = 5
RESTS: Final = 30.0
log = structlog.get_logger("banister.outside")


@dataclass(frozen=True, slots=True)
class Failing(Generic[Failure]):
    """How asking can fail: `kind` is what says that there is no answer; all else is one.

    `late` makes it of a call that took too long, `resting` of one that was not made.
    """

    kind: type[Failure]
    late: Callable[[], Failure]
    resting: Callable[[], Failure]
    may_repeat: Callable[[Failure], bool]
    counts: Callable[[Failure], bool] = lambda _: True
    """Whether it lets the other rest: not where they are there, and ask to be asked later."""


class _Resting(Exception):
    """Nobody is let through at this moment."""


class Guard(Generic[Failure]):
    """`seconds` is what a call may take with all its tries.

    After failures in a row whoever is asked rests: nobody is let through for a while, then one,
    and by it all or none. A refusal is an answer too, and so is one that we can't read for a
    mistake of ours.
    """

    def __init__(
        self,
        name: str,
        failing: Failing[Failure],
        *,
        seconds: float = SECONDS,
        tries: int = MOST_TRIES,
        pause: float = PAUSE,
    ) -> None:
        self._name = name
        self._failing = failing
        self._seconds = seconds
        self._tries = tries
        self._pause = pause
        self.breakers = AsyncCircuitBreakerFactory(
            MOST_FAILURES, RESTS, exclude=[(BaseException, self._is_answer)]
        )
        self.breakers.add_listener(_tell)

    async def ask(self, what: str, call: Callable[[], Awaitable[Result]]) -> Result:
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
            if not isinstance(error, self._failing.kind) or not is_time_left:
                return False
            return self._failing.may_repeat(error)

        try:
            return await caller(may_repeat, self._tried, what, call, until)
        except _Resting:
            raise self._failing.resting() from None

    async def _tried(
        self, what: str, call: Callable[[], Awaitable[Result]], until: float
    ) -> Result:
        breaker = await self.breakers.get_breaker(self._name)
        if breaker.context.state == HALF_OPENED:  # somebody tries whether it is back
            raise _Resting
        try:
            async with breaker:
                return await self._in_time(what, call, until)
        except OpenedState as state:
            state.with_traceback(None)  # it is one for all who come, and would keep them
            raise _Resting from None

    async def _in_time(
        self, what: str, call: Callable[[], Awaitable[Result]], until: float
    ) -> Result:
        try:
            async with asyncio.timeout_at(until):
                return await call()
        except TimeoutError:
            log.warning("outside took too long", outside=self._name, call=what)
            raise self._failing.late() from None

    def _is_answer(self, error: BaseException) -> bool:
        return not isinstance(error, self._failing.kind) or not self._failing.counts(error)


def _tell(name: str, happened: str, event: Any) -> None:
    if happened == "state_changed" and event.state == OPENED:
        log.error("outside rests", outside=name, seconds=RESTS)
