"""Asking Stripe by its own library: what to send again, and what is never repeated in a log."""

import logging
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import stripe
import structlog
from stripe import HTTPXClient, StripeClient

from app.core.ids import made_at
from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.payments import HOW_FAR
from app.integrations.payments import stripe_reading as reading
from app.integrations.payments.stripe_reading import Document, Unreadable

LISTED_FOR: Final = timedelta(minutes=10)
AHEAD: Final = timedelta(minutes=1)
PAGE: Final = 100
MOST_PAGES: Final = 10
WHOLE: Final = ["latest_charge.balance_transaction", "latest_charge.refunds"]
KEY_REUSED: Final = "idempotency_key_reused"
MISSING: Final = "resource_missing"
log = structlog.get_logger("banister.payments")


class StripeCalls:
    """Tries nothing twice by itself: see `guarding`.

    Its library must not log here: an answer has the secret by which a customer pays.
    """

    def __init__(self, secret_key: str, base: str, *, seconds: float) -> None:
        logging.getLogger("stripe").setLevel(logging.WARNING)
        stripe.enable_telemetry = False  # it would also write a file into the home directory
        self._carrier = HTTPXClient(timeout=seconds)
        self.stripe = StripeClient(
            secret_key,
            base_addresses={"api": base} if base else {},
            http_client=self._carrier,
            max_network_retries=0,
        ).v1

    async def close(self) -> None:
        await self._carrier.close_async()  # type: ignore[no-untyped-call]  # its own

    async def sent(self, request: Awaitable[Any]) -> Document:
        """Return what is answered; what Stripe says beside its code is not repeated anywhere."""
        try:
            answer = await request
        except stripe.IdempotencyError as error:
            _log(error)
            raise GatewayRefused(KEY_REUSED) from None
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            raise GatewayRefused(_code(error)) from None
        except stripe.StripeError as error:
            _log(error)
            raise GatewayUnavailable from None
        with unreadable_as_unavailable():
            document = answer.to_dict()
            reading.word(document["object"])
        return document  # type: ignore[no-any-return]  # an object, or it had no "object"

    async def retrieved(self, reference: str) -> Document | None:
        """Return the PaymentIntent with its charge, refunds and fee; None if there is none."""
        intents = self.stripe.payment_intents
        try:
            return await self.sent(intents.retrieve_async(reference, {"expand": WHOLE}))
        except GatewayRefused as refused:
            if refused.code == MISSING:
                return None
            raise

    async def found(self, payment_id: UUID | None) -> Document | None:
        """Return what was begun for a payment of ours; the furthest, should there be several.

        First among what is listed from when the payment was made, which is exact; then by a
        search, which may be a minute late.
        """
        if payment_id is None:
            return None
        found = [*await self._listed(payment_id)] or [*await self._searched(payment_id)]
        if not found:
            return None
        with unreadable_as_unavailable():
            best = max(found, key=lambda one: HOW_FAR[reading.STATES[one["status"]]])
            reference = reading.word(best["id"])
        return await self.retrieved(reference)

    def refunds(self, reference: str) -> AsyncIterator[Document]:
        return self._pages(self.stripe.refunds.list_async, {"payment_intent": reference})

    async def disputes(self, reference: str) -> list[Document]:
        params: Any = {"payment_intent": reference, "limit": PAGE}
        page = await self.sent(self.stripe.disputes.list_async(params))
        return list(page.get("data", ()))

    async def _listed(self, payment_id: UUID) -> list[Document]:
        since = since_of(payment_id)
        if since is None:
            return []
        window = {
            "gte": int((since - AHEAD).timestamp()),
            "lte": int((since + LISTED_FOR).timestamp()),
        }
        pages = self._pages(self.stripe.payment_intents.list_async, {"created": window})
        return [one async for one in pages if reading.ours(one, "payment_id") == payment_id]

    async def _searched(self, payment_id: UUID) -> list[Document]:
        params: Any = {"query": f"metadata['payment_id']:'{payment_id}'", "limit": 10}
        page = await self.sent(self.stripe.payment_intents.search_async(params))
        return list(page.get("data", ()))

    async def _pages(self, listing: Any, params: dict[str, Any]) -> AsyncIterator[Document]:
        after: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            page = await self.sent(listing({**params, "limit": PAGE, **after}))
            with unreadable_as_unavailable():
                data: list[Document] = page["data"]
                after = {"starting_after": data[-1]["id"]} if page["has_more"] else {}
            for one in data:
                yield one
            if not after:
                return


def since_of(payment_id: UUID) -> datetime | None:
    """Return when the payment was made; None if its id doesn't tell."""
    return made_at(payment_id) if payment_id.version == 7 else None


@contextmanager
def unreadable_as_unavailable() -> Iterator[None]:
    """Take an answer that can't be read for none: it may have had its effect."""
    try:
        yield
    except (Unreadable, LookupError, TypeError, ValueError, AttributeError):
        log.warning("payment gateway is no use", gateway="stripe", kind="unreadable")
        raise GatewayUnavailable from None


def _code(error: stripe.StripeError) -> str:
    told = error.json_body.get("error") if isinstance(error.json_body, Mapping) else None
    declined = told.get("decline_code") if isinstance(told, Mapping) else None
    return reading.code(declined) or reading.code(error.code) or "invalid_request"


def _log(error: stripe.StripeError) -> None:
    log.warning(
        "payment gateway is no use",
        gateway="stripe",
        kind=type(error).__name__,
        status=error.http_status,
        asked=reading.code(error.request_id),
    )
