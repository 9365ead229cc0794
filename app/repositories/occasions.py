"""Every statement that reads what people are told about."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, any_, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.statements import Query
from app.domain.booking_changes import ChangeKind
from app.domain.captures import CaptureMode
from app.domain.notifications import Notification
from app.domain.occasions import BookingOccasion, EventOccasion, Occasions, SlotOccasion
from app.domain.payments import ChargeState
from app.models import (
    BookingChanges,
    Bookings,
    Events,
    Offerings,
    Payments,
    Providers,
    SlotWaits,
    Users,
)
from app.repositories.base import columns

IDS: Final = bindparam("ids", type_=ARRAY(Uuid))
GRANTED: Final = and_(
    BookingChanges.booking_id == Bookings.id, BookingChanges.kind == ChangeKind.CONFIRMED
)
GRANTED_BY: Final = (
    select(BookingChanges.actor_id)
    .where(GRANTED)
    .order_by(BookingChanges.created_at.desc(), BookingChanges.id.desc())
    .limit(1)
    .correlate(Bookings)
    .scalar_subquery()
)
SHOWN: Final[dict[str, ColumnElement[Any]]] = {
    "customer_name": Users.full_name.expression,
    "provider_name": Providers.name.expression,
    "location": func.coalesce(Providers.location, Events.location),
    "seller_id": func.coalesce(Providers.user_id, Bookings.organizer_id),
    "event_status": Events.status.expression,
    "granted_by": GRANTED_BY,
    "is_authorized": exists().where(
        Payments.booking_id == Bookings.id,
        Payments.capture == CaptureMode.MANUAL,
        Payments.state == ChargeState.AUTHORIZED,
    ),
    "is_authorized_first": func.coalesce(Offerings.capture == CaptureMode.MANUAL, False),
    "is_request": and_(func.coalesce(Offerings.approval_required, False), ~exists().where(GRANTED)),
}
BOOKINGS: Final = Query(
    select(
        *(
            SHOWN[field.name].label(field.name)
            if field.name in SHOWN
            else Bookings.__table__.c[field.name]
            for field in fields(BookingOccasion)
        )
    )
    .select_from(Bookings)
    .join(Users, Users.id == Bookings.customer_id)
    .outerjoin(Providers, Providers.id == Bookings.provider_id)
    .outerjoin(Offerings, Offerings.id == Bookings.service_id)
    .outerjoin(Events, Events.id == Bookings.event_id)
    .where(Bookings.id == any_(IDS)),
    BookingOccasion,
)
EVENTS: Final = Query(
    select(*columns(Events, EventOccasion)).where(Events.id == any_(IDS)), EventOccasion
)
SLOTS: Final = Query(
    select(
        SlotWaits.id,
        Offerings.name.label("title"),
        Providers.timezone,
        SlotWaits.offer_starts_at.label("starts_at"),
        Providers.name.label("provider_name"),
        Providers.location,
    )
    .join(Offerings, Offerings.id == SlotWaits.service_id)
    .join(Providers, Providers.id == SlotWaits.offered_by)
    .where(SlotWaits.id == any_(IDS)),
    SlotOccasion,
)
# Who moved it last; nobody where that was the program.
MOVED_BY: Final = Query(
    select(BookingChanges.actor_id, BookingChanges.moved_from).where(
        BookingChanges.booking_id == bindparam("booking_id", type_=Uuid),
        BookingChanges.id == bindparam("change_id", type_=Uuid),
    ),
    lambda actor_id, moved_from: (actor_id, moved_from),
)


class OccasionRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def of(self, told: Iterable[Notification]) -> Occasions:
        """Return what these are about, as far as it is there."""
        facts = [one.facts for one in told]
        bookings = {one.booking_id for one in facts if one.booking_id is not None}
        events = {one.event_id for one in facts if one.event_id is not None}
        waits = {one.wait_id for one in facts if one.wait_id is not None}
        found = await self.connection.all(BOOKINGS, ids=sorted(bookings)) if bookings else []
        held = await self.connection.all(EVENTS, ids=sorted(events)) if events else []
        kept = await self.connection.all(SLOTS, ids=sorted(waits)) if waits else []
        return Occasions(
            {one.id: one for one in found},
            {one.id: one for one in held},
            {one.id: one for one in kept},
        )

    async def booking(self, booking_id: UUID) -> BookingOccasion | None:
        return await self.connection.first(BOOKINGS, ids=[booking_id])

    async def move(self, booking_id: UUID, change_id: UUID) -> Any:
        """Return who moved it and from when; None if there is no such change."""
        return await self.connection.first(MOVED_BY, booking_id=booking_id, change_id=change_id)
