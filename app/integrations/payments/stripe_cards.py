"""Customers and their cards at Stripe (docs.stripe.com/payments/save-and-reuse)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.domain.card_reports import CardReport
from app.domain.gateways import GatewayRefused
from app.integrations.payments import stripe_reading as reading
from app.integrations.payments.stripe_calling import (
    MISSING,
    PAGE,
    StripeCalls,
    unreadable_as_unavailable,
)


class StripeCards:
    """Our id of somebody stands in the metadata, by which their customer is found again."""

    _calls: StripeCalls

    async def customer(self, user_id: UUID) -> str:
        """Look first: a key is forgotten after a day. Only a search finds one by our id."""
        customers = self._calls.stripe.customers
        query: Any = {"query": f"metadata['user_id']:'{user_id}'", "limit": 1}
        page = await self._calls.sent(customers.search_async(query))
        with unreadable_as_unavailable():
            found = page["data"]
            if found:
                return reading.word(found[0]["id"])
        made = await self._calls.sent(
            customers.create_async(
                {"metadata": {"user_id": str(user_id)}}, {"idempotency_key": f"cu:{user_id}"}
            )
        )
        with unreadable_as_unavailable():
            return reading.word(made["id"])

    async def begin_saving(self, setup_id: UUID, customer: str) -> str:
        params: Any = {
            "customer": customer,
            "usage": "off_session",
            "payment_method_types": ["card"],
            "metadata": {"setup_id": str(setup_id)},
        }
        key: Any = {"idempotency_key": f"si:{setup_id}"}
        setups = self._calls.stripe.setup_intents
        setup = await self._calls.sent(setups.create_async(params, key))
        with unreadable_as_unavailable():
            return reading.word(setup["client_secret"])

    async def cards(self, customer: str) -> Sequence[CardReport]:
        listing = self._calls.stripe.customers.payment_methods.list_async
        page = await self._calls.sent(listing(customer, {"type": "card", "limit": PAGE}))
        with unreadable_as_unavailable():
            found = [reading.card_of(one) for one in page["data"]]
        return [one for one in found if one is not None]

    async def forget(self, card: str) -> None:
        """One that is gone, or was never anybody's, is forgotten."""
        detaching = self._calls.stripe.payment_methods.detach_async(card)
        try:
            await self._calls.sent(detaching)
        except GatewayRefused as refused:
            if refused.code not in (MISSING, "invalid_request"):  # no code: it is not attached
                raise

    async def forget_customer(self, customer: str) -> None:
        try:
            await self._calls.sent(self._calls.stripe.customers.delete_async(customer))
        except GatewayRefused as refused:
            if refused.code != MISSING:
                raise
