"""Every statement about when something can be booked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.statements import Query
from app.domain.availability import Performer, merged
from app.domain.bookings import BookingStatus
from app.domain.offerings import Offering, OfferingStatus, Performance
from app.domain.providers import ProviderStatus, Schedule
from app.domain.walltime import Span
from app.models import Bookings, Offerings, ProviderOfferings, Providers, Schedules
from app.models.bookings import IS_ACTIVE
from app.repositories.base import columns

INSTANT: Final = DateTime(timezone=True)
PROVIDERS: Final = bindparam("provider_ids", type_=ARRAY(Uuid))
OFFERED: Final = len(fields(Offering))
TERMS: Final = OFFERED + len(fields(Performance))


def _bookable(*conditions: Any) -> Query[tuple[Any, ...]]:
    """Rows of an active offering, each performer's terms, and each of their schedules."""
    rows = (
        select(
            *columns(Offerings, Offering),
            *columns(ProviderOfferings, Performance),
            Providers.timezone.label("provider_timezone"),
            *columns(Schedules, Schedule),
        )
        .outerjoin(ProviderOfferings, ProviderOfferings.offering_id == Offerings.id)
        .outerjoin(
            Providers,
            and_(
                Providers.id == ProviderOfferings.provider_id,
                Providers.status == ProviderStatus.ACTIVE,
            ),
        )
        .outerjoin(Schedules, Schedules.provider_id == Providers.id)
        .where(
            Offerings.id == bindparam("offering_id"),
            Offerings.status == OfferingStatus.ACTIVE,
            *conditions,
        )
        .order_by(ProviderOfferings.provider_id, Schedules.effective_from)
    )
    return Query(rows, lambda *row: row)


BY_ANYBODY: Final = _bookable()
BY_ONE: Final = _bookable(ProviderOfferings.provider_id == bindparam("provider_id"))


def _all_seconds(instants: Any, *, rounded: Any) -> Any:
    seconds = cast(rounded(func.date_part("epoch", instants)), BigInteger)
    return func.array_agg(seconds, type_=ARRAY(BigInteger))


# A row for each provider: with one for each booking, 200 of them take three times as long to read.
# The partial GiST index of the exclusion constraint serves this; its condition must stand here
# as text, since a parameter could be anything.
BUSY: Final = Query(
    select(
        Bookings.provider_id,
        _all_seconds(Bookings.blocked_from, rounded=func.floor),
        _all_seconds(Bookings.blocked_until, rounded=func.ceil),
    )
    .where(
        Bookings.provider_id == any_(PROVIDERS),
        text(f"kind = 'appointment' AND {IS_ACTIVE}"),
        or_(
            Bookings.status == BookingStatus.CONFIRMED,
            Bookings.hold_expires_at > bindparam("now"),
        ),
        Bookings.blocked.op("&&")(
            func.tstzrange(bindparam("since", type_=INSTANT), bindparam("until", type_=INSTANT))
        ),
    )
    .group_by(Bookings.provider_id),
    lambda provider_id, begins, ends: (provider_id, merged(zip(begins, ends, strict=True))),
)

LOAD: Final = Query(
    select(Bookings.provider_id, func.count(), func.max(Bookings.ends_at))
    .where(
        Bookings.provider_id == any_(PROVIDERS),
        text(f"kind = 'appointment' AND {IS_ACTIVE}"),
        Bookings.starts_at >= bindparam("since"),
        Bookings.starts_at < bindparam("until"),
    )
    .group_by(Bookings.provider_id),
    lambda provider_id, count, last: (provider_id, (count, last)),
)


class AvailabilityRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def bookable(
        self, offering_id: UUID, provider_id: UUID | None
    ) -> tuple[Offering, list[Performer]] | None:
        """Return an active offering and who performs it, or the one asked for; None without."""
        if provider_id is None:
            rows = await self.connection.all(BY_ANYBODY, offering_id=offering_id)
        else:
            rows = await self.connection.all(
                BY_ONE, offering_id=offering_id, provider_id=provider_id
            )
        return (Offering(*rows[0][:OFFERED]), _performers(rows)) if rows else None

    async def busy(
        self, provider_ids: Sequence[UUID], *, since: datetime, until: datetime, now: datetime
    ) -> dict[UUID, list[Span]]:
        """Return the busy seconds of each provider, merged and in order; live holds count."""
        return dict(
            await self.connection.all(
                BUSY, provider_ids=list(provider_ids), since=since, until=until, now=now
            )
        )

    async def load(
        self, provider_ids: Sequence[UUID], *, since: datetime, until: datetime
    ) -> dict[UUID, tuple[int, datetime]]:
        """Return how many bookings each provider has then, and when the last one ends."""
        return dict(
            await self.connection.all(
                LOAD, provider_ids=list(provider_ids), since=since, until=until
            )
        )


def _performers(rows: Sequence[tuple[Any, ...]]) -> list[Performer]:
    schedules: defaultdict[UUID, list[Schedule]] = defaultdict(list)
    found: dict[UUID, tuple[Performance, str]] = {}
    for row in rows:
        terms, zone, version = row[OFFERED:TERMS], row[TERMS], row[TERMS + 1 :]
        if zone is not None and version[0] is not None:
            performance = Performance(*terms)
            found[performance.provider_id] = (performance, zone)
            schedules[performance.provider_id].append(Schedule(*version))
    return [
        Performer(provider_id, zone, terms, tuple(schedules[provider_id]))
        for provider_id, (terms, zone) in found.items()
    ]
