"""What gateways told, as those who look after the money see it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.gateway_events import (
    GatewayEvent,
    GatewayEventFilter,
    GatewayEventSort,
    readable,
)
from app.domain.payments import GatewayName
from app.schemas.base import Id, Instant, ListQuery
from app.schemas.bookings import SOME_ID, AnId, ATime


class Received(TypedDict):
    """That it was taken in; it says no more."""


class GatewayEventRead(TypedDict):
    id: AnId
    gateway: GatewayName
    event_id: Annotated[str, Field(examples=["evt_1"])]
    """What the gateway calls it."""
    kind: Annotated[str, Field(examples=["payment_intent.succeeded"])]
    payment_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    failure: Annotated[str | None, Field(examples=["unknown payment"])]
    """Why it had no effect; null where it had one, or was of nothing that matters here."""
    received_at: ATime


class GatewayEventWithBody(GatewayEventRead):
    body: Annotated[str, Field(examples=['{"id": "evt_1"}'])]
    """As it came, without its secrets; empty once the payer was erased."""


def gateway_event_read(event: GatewayEvent) -> GatewayEventRead:
    return {
        "id": event.id,
        "gateway": event.gateway,
        "event_id": event.event_id,
        "kind": event.kind,
        "payment_id": event.payment_id,
        "failure": event.failure,
        "received_at": event.received_at,
    }


def gateway_event_with_body(event: GatewayEvent) -> GatewayEventWithBody:
    return {**gateway_event_read(event), "body": readable(event.body)}


class GatewayEventQuery(ListQuery):
    sort: GatewayEventSort = GatewayEventSort.NEWEST
    gateway: GatewayName | None = None
    payment_id: Id | None = None
    received_from: Instant | None = None
    failed: bool | None = None
    """Only those that had no effect, or only those that had none to fail with."""

    def wanted(self) -> GatewayEventFilter:
        return GatewayEventFilter(self.gateway, self.payment_id, self.received_from, self.failed)

    def page(self) -> PageRequest[GatewayEventSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
