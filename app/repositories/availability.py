"""Every statement about when something can be booked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.availability import Performer, Taken, merged
from app.domain.bookings import BookingStatus
from app.domain.hours import Hours, replaced_days
from app.domain.offerings import Offering, OfferingStatus, Performance
from app.domain.providers import OwnTerms, ProviderStatus, Schedule
from app.models import (
    Bookings,
    Closures,
    ExternalBusy,
    Offerings,
    Overrides,
    ProviderOfferings,
    Providers,
    Schedules,
    SlotWaits,
    TimeOff,
)
from app.models.bookings import IS_ACTIVE
from app.repositories.base import columns

ROOM: Final = timedelta(days=3)  # by which hours may reach into a range of days
INSTANT: Final = DateTime(timezone=True)
PROVIDERS: Final = bindparam("provider_ids", type_=ARRAY(Uuid))
SINCE: Final = bindparam("since", type_=INSTANT)
UNTIL: Final = bindparam("until", type_=INSTANT)
RANGE: Final = func.tstzrange(SINCE, UNTIL)
FIRST_DAY: Final = bindparam("first_day", type_=Date)
LAST_DAY: Final = bindparam("last_day", type_=Date)
OFFERED: Final = len(fields(Offering))
TERMS: Final = OFFERED + len(fields(Performance))
OWN: Final = TERMS + len(fields(OwnTerms))


def _second(instants: Any, *, rounded: Any) -> Any:
    return cast(rounded(func.date_part("epoch", instants)), BigInteger)


def _all_seconds(instants: Any, *, rounded: Any) -> Any:
    return func.array_agg(_second(instants, rounded=rounded), type_=ARRAY(BigInteger))


# Days with windows of their own, and days on which the whole business is closed.
REPLACED: Final = (
    select(func.jsonb_object_agg(Overrides.day, Overrides.windows, type_=JSONB))
    .where(Overrides.provider_id == Providers.id, Overrides.day.between(FIRST_DAY, LAST_DAY))
    .correlate(Providers)
    .scalar_subquery()
    .label("replaced")
)
CLOSED: Final = (
    select(
        func.jsonb_agg(func.jsonb_build_array(Closures.first_day, Closures.last_day), type_=JSONB)
    )
    .where(Closures.first_day <= LAST_DAY, Closures.last_day >= FIRST_DAY)
    .scalar_subquery()
    .label("closed")
)


def _away(table: type[TimeOff] | type[ExternalBusy]) -> Any:
    return (
        select(
            _second(table.starts_at, rounded=func.floor).label("begins"),
            _second(table.ends_at, rounded=func.ceil).label("ends"),
        )
        .where(table.provider_id == Providers.id, table.away.op("&&")(RANGE))
        .correlate(Providers)
    )


ABSENCES: Final = union_all(_away(TimeOff), _away(ExternalBusy)).subquery()
AWAY: Final = (
    select(func.jsonb_agg(func.jsonb_build_array(ABSENCES.c.begins, ABSENCES.c.ends), type_=JSONB))
    .scalar_subquery()
    .label("away")
)
# Times that are kept for others who waited for them.
KEPT: Final = (
    select(
        func.jsonb_agg(
            func.jsonb_build_array(
                _second(SlotWaits.offer_blocked_from, rounded=func.floor),
                _second(SlotWaits.offer_blocked_until, rounded=func.ceil),
            ),
            type_=JSONB,
        )
    )
    .where(
        SlotWaits.offered_by == Providers.id,
        text("slot_waits.status = 'offered'"),  # so that the partial index serves this
        SlotWaits.offer_expires_at > bindparam("now", type_=INSTANT),
        SlotWaits.user_id.is_distinct_from(bindparam("for_user", type_=Uuid)),
    )
    .correlate(Providers)
    .scalar_subquery()
    .label("kept")
)


def _bookable(*conditions: Any) -> Query[tuple[Any, ...]]:
    """Rows of an active offering, each performer's terms and hours, and each of their schedules."""
    rows = (
        select(
            *columns(Offerings, Offering),
            *columns(ProviderOfferings, Performance),
            *columns(Providers, OwnTerms),
            Providers.timezone.label("provider_timezone"),
            Providers.hours_version,
            REPLACED,
            CLOSED,
            AWAY,
            KEPT,
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


# A row for each provider: with one for each booking, 200 of them take three times as long to read.
# The partial GiST index of the exclusion constraint serves this; its condition must stand here
# as text, since a parameter could be anything. A booking that is being moved is not in its own way.
BUSY: Final = Query(
    select(
        Bookings.provider_id,
        _all_seconds(Bookings.blocked_from, rounded=func.floor),
        _all_seconds(Bookings.blocked_until, rounded=func.ceil),
        _all_seconds(Bookings.starts_at, rounded=func.floor),
    )
    .where(
        Bookings.provider_id == any_(PROVIDERS),
        text(f"kind = 'appointment' AND {IS_ACTIVE}"),
        or_(
            Bookings.status == BookingStatus.CONFIRMED,
            Bookings.hold_expires_at > bindparam("now"),
        ),
        Bookings.id.is_distinct_from(bindparam("but", type_=Uuid)),
        Bookings.blocked.op("&&")(RANGE),
    )
    .group_by(Bookings.provider_id),
    lambda provider_id, begins, ends, begun: (
        provider_id,
        Taken(merged(zip(begins, ends, strict=True)), begun),
    ),
)

# Its own class of advisory locks. A statement of its own: a check beside it would look at what
# was before the wait.
PROVIDER: Final = 0x70726F76
EACH: Final = func.unnest(PROVIDERS).column_valued("provider_id")
LOCK: Final = Command(
    select(func.pg_advisory_xact_lock(func.hashtextextended(cast(EACH, Text), PROVIDER)))
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
        self,
        offering_id: UUID,
        provider_id: UUID | None,
        *,
        since: datetime,
        until: datetime,
        now: datetime,
        for_user: UUID | None = None,
    ) -> tuple[Offering, list[Performer]] | None:
        """Return an active offering and who performs it, or the one asked for; None without.

        Their hours are told as far as they matter to starts in `[since, until)`, and what is kept
        for others than `for_user`.
        """
        asked: dict[str, Any] = {
            "offering_id": offering_id,
            "now": now,
            "for_user": for_user,
            "first_day": since.date() - ROOM,
            "last_day": until.date() + ROOM,
            "since": since - ROOM,
            "until": until + ROOM,
        }
        if provider_id is None:
            rows = await self.connection.all(BY_ANYBODY, **asked)
        else:
            rows = await self.connection.all(BY_ONE, **asked, provider_id=provider_id)
        return (Offering(*rows[0][:OFFERED]), _performers(rows)) if rows else None

    async def lock(self, provider_ids: Sequence[UUID]) -> None:
        """Let nobody else lock these providers, given in order, until the transaction ends."""
        await self.connection.run(LOCK, provider_ids=list(provider_ids))

    async def taken(
        self,
        provider_ids: Sequence[UUID],
        *,
        since: datetime,
        until: datetime,
        now: datetime,
        but: UUID | None = None,
    ) -> dict[UUID, Taken]:
        """Return what is booked with each provider; live holds count, the booking `but` doesn't."""
        return dict(
            await self.connection.all(
                BUSY, provider_ids=list(provider_ids), since=since, until=until, now=now, but=but
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
    versions: defaultdict[UUID, list[Schedule]] = defaultdict(list)
    found: dict[UUID, tuple[Any, ...]] = {}
    for row in rows:
        terms, own, rest = row[OFFERED:TERMS], row[TERMS:OWN], row[OWN:]
        if rest[0] is None:  # nobody performs it, or nobody who can be booked
            continue
        performance = Performance(*terms)
        found[performance.provider_id] = (performance, OwnTerms(*own), *rest[:6])
        if rest[6] is not None:
            versions[performance.provider_id].append(Schedule(*rest[6:]))
    return [
        Performer(
            provider_id,
            terms,
            Hours(
                zone,
                tuple(versions[provider_id]),
                replaced_days(replaced, closed),
                merged((begins, ends) for begins, ends in away or ()),
            ),
            own,
            version,
            merged((begins, ends) for begins, ends in kept or ()),
        )
        for provider_id, (terms, own, zone, version, replaced, closed, away, kept) in found.items()
    ]
