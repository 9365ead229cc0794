"""Every statement about when appointments were agreed to be."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, select, text, tuple_

from app.core.database import Connection
from app.core.statements import Query
from app.domain.drifts import Agreed
from app.models import Bookings
from app.models.bookings import IS_ACTIVE
from app.repositories.base import columns

AT_ONCE: Final = 1000
FIRST: Final = UUID(int=0)
AGREED: Final = Query(
    select(*columns(Bookings, Agreed))
    .where(
        text(f"kind = 'appointment' AND {IS_ACTIVE}"),
        tuple_(Bookings.starts_at, Bookings.id)
        > tuple_(
            bindparam("last_start", type_=DateTime(timezone=True)), bindparam("last_id", type_=Uuid)
        ),
    )
    .order_by(Bookings.starts_at, Bookings.id)
    .limit(bindparam("most", type_=BigInteger)),
    Agreed,
)


class DriftRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def agreed(self, *, after: datetime) -> AsyncIterator[Agreed]:
        """Yield the active appointments that start after a moment, in order, read in pages."""
        start, id_ = after, FIRST
        while True:
            page = await self.connection.all(AGREED, last_start=start, last_id=id_, most=AT_ONCE)
            for agreed in page:
                yield agreed
            if len(page) < AT_ONCE:
                return
            start, id_ = page[-1].starts_at, page[-1].id
