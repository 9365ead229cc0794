"""Every statement about what gateways told."""

from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.gateway_events import GatewayEvent, GatewayEventFilter, GatewayEventSort
from app.domain.payments import GatewayName
from app.models import GatewayEvents
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(GatewayEvents, GatewayEvent)
ADD: Final = Command(
    insert(GatewayEvents)
    .values(parameters(GatewayEvents, GatewayEvent))
    .on_conflict_do_nothing(constraint="uq_gateway_events_event")
    .inline()
)
BY_ID: Final = Query(select(*COLUMNS).where(GatewayEvents.id == bindparam("id")), GatewayEvent)
FAILURE: Final = Query(
    select(GatewayEvents.failure).where(
        GatewayEvents.gateway == bindparam("gateway"),
        GatewayEvents.event_id == bindparam("event_id"),
    ),
    lambda failure: failure,
)
CLOSE: Final = Command(
    update(GatewayEvents)
    .where(GatewayEvents.id == bindparam("id"))
    .values(payment_id=bindparam("payment_id"), failure=bindparam("failure"))
)


def _without_body(*facts: Any) -> GatewayEvent:
    return GatewayEvent(**dict(zip(LISTED, facts, strict=True)), body=b"")


# Bodies are long, and of a hundred of them nobody reads one.
LISTED: Final = [field.name for field in fields(GatewayEvent) if field.name != "body"]
MATCHING: Final = Listing(
    GatewayEvents,
    _without_body,
    shown=[GatewayEvents.__table__.c[name] for name in LISTED],
    filters={
        "gateway": GatewayEvents.gateway == bindparam("gateway"),
        "payment_id": GatewayEvents.payment_id == bindparam("payment_id"),
        "received_from": GatewayEvents.received_at >= bindparam("received_from"),
        "failed": GatewayEvents.failure.is_not(None) == bindparam("failed"),
    },
    sorts={"received_at": GatewayEvents.received_at},
)


class GatewayEventRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, event: GatewayEvent) -> bool:
        """Keep a delivery; return False if it was kept before."""
        return await self.connection.run(ADD, **values(event)) == 1

    async def get(self, event_id: UUID) -> GatewayEvent | None:
        return await self.connection.first(BY_ID, id=event_id)

    async def failure_of(self, gateway: GatewayName, event_id: str) -> str | None:
        """Return why a delivery had no effect; None if it had."""
        return await self.connection.first(FAILURE, gateway=gateway, event_id=event_id)

    async def close(self, event_id: UUID, *, payment_id: UUID | None, failure: str | None) -> None:
        """Write which payment it was about, and why it had no effect if it had none."""
        await self.connection.run(CLOSE, id=event_id, payment_id=payment_id, failure=failure)

    async def matching(
        self, wanted: GatewayEventFilter, request: PageRequest[GatewayEventSort]
    ) -> Page[GatewayEvent]:
        return await MATCHING.page(self.connection, wanted, request)
