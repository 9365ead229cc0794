"""Every statement that reads bookings for somebody's calendar."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Integer, Uuid, bindparam, func, or_, select

from app.core.database import Connection
from app.core.statements import Query
from app.domain.bookings import ACTIVE
from app.domain.calendars import TAKES_PLACE, Visit
from app.models import Bookings, Events, Providers, Users

SHOWN: Final[dict[str, ColumnElement[Any]]] = {
    "customer_name": Users.full_name.expression,
    "provider_name": Providers.name.expression,
    "location": func.coalesce(Providers.location, Events.location),
}
COLUMNS: Final = [
    SHOWN[field.name].label(field.name) if field.name in SHOWN else Bookings.__table__.c[field.name]
    for field in fields(Visit)
]
VISITS: Final = (
    select(*COLUMNS)
    .select_from(Bookings)
    .join(Users, Users.id == Bookings.customer_id)
    .outerjoin(Providers, Providers.id == Bookings.provider_id)
    .outerjoin(Events, Events.id == Bookings.event_id)
)
BY_ID: Final = Query(VISITS.where(Bookings.id == bindparam("id", type_=Uuid)), Visit)
STANDS: Final = or_(*(Bookings.status == status for status in sorted({*ACTIVE, *TAKES_PLACE})))


def _newest(own: ColumnElement[bool]) -> Query[Visit]:
    """The last of them, those that were given up no longer than for a while."""
    return Query(
        VISITS.where(
            own,
            Bookings.starts_at >= bindparam("since", type_=DateTime(timezone=True)),
            or_(
                STANDS,
                Bookings.updated_at >= bindparam("given_up_since", type_=DateTime(timezone=True)),
            ),
        )
        .order_by(Bookings.starts_at.desc(), Bookings.id.desc())
        .limit(bindparam("most", type_=Integer)),
        Visit,
    )


OF_CUSTOMER: Final = _newest(Bookings.customer_id == bindparam("customer_id", type_=Uuid))
OF_PROVIDER: Final = _newest(Bookings.provider_id == bindparam("provider_id", type_=Uuid))


class CalendarRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def visit(self, booking_id: UUID) -> Visit | None:
        return await self.connection.first(BY_ID, id=booking_id)

    async def of_customer(
        self, customer_id: UUID, *, since: datetime, given_up_since: datetime, most: int
    ) -> Sequence[Visit]:
        """Return what they booked for after `since`, the newest first."""
        return await self.connection.all(
            OF_CUSTOMER,
            customer_id=customer_id,
            since=since,
            given_up_since=given_up_since,
            most=most,
        )

    async def of_provider(
        self, provider_id: UUID, *, since: datetime, given_up_since: datetime, most: int
    ) -> Sequence[Visit]:
        """Return what they are booked for after `since`, the newest first."""
        return await self.connection.all(
            OF_PROVIDER,
            provider_id=provider_id,
            since=since,
            given_up_since=given_up_since,
            most=most,
        )
