"""A gateway whose calls end in time, are tried again, and rest while it doesn't answer.

Every call of the protocol can be repeated and has its effect once, so all of them are.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from app.domain.gateways import GatewayUnavailable
from app.domain.payments import Asked, AskedBack, Begun, Charge, Notice, RefundReport, Verdict
from app.integrations.guarding import MOST_TRIES, PAUSE, SECONDS, Failing, Guard
from app.integrations.payments.protocol import PaymentGateway

Result = TypeVar("Result")


def _resting() -> GatewayUnavailable:
    error = GatewayUnavailable()
    error.is_repeated = False
    return error


FAILING: Final = Failing(
    GatewayUnavailable,
    late=GatewayUnavailable,
    resting=_resting,
    may_repeat=lambda error: error.is_repeated,
)


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
        self._guard = Guard(name, FAILING, seconds=seconds, tries=tries, pause=pause)

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
        return await self._guard.ask(what, call)
