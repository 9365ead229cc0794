"""Every statement about who has a free time on a day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.statements import Query
from app.domain.availability import Performer, merged
from app.domain.hours import Hours, replaced_days
from app.domain.offerings import Offering, OfferingStatus, Performance
from app.domain.providers import OwnTerms, ProviderStatus, Schedule
from app.models import Offerings, ProviderOfferings, Providers, Schedules
from app.repositories.availability import AWAY, CLOSED, REPLACED, ROOM
from app.repositories.base import columns

PROVIDERS: Final = bindparam("provider_ids", type_=ARRAY(Uuid))
OFFERED: Final = len(fields(Offering))
OWN: Final = len(fields(OwnTerms))

# A row for each schedule of each provider; one row for who has none.
HOURS: Final = Query(
    select(
        *columns(Providers, OwnTerms),
        Providers.id.label("who"),
        Providers.timezone.label("provider_timezone"),
        REPLACED,
        CLOSED,
        AWAY,
        *columns(Schedules, Schedule),
    )
    .outerjoin(Schedules, Schedules.provider_id == Providers.id)
    .where(Providers.id == any_(PROVIDERS), Providers.status == ProviderStatus.ACTIVE)
    .order_by(Providers.id, Schedules.effective_from),
    lambda *row: row,
)


def _performed(*conditions: Any) -> Query[tuple[Offering, Performance]]:
    """What the providers perform and can be booked for, the shortest first."""
    return Query(
        select(*columns(Offerings, Offering), *columns(ProviderOfferings, Performance))
        .join(ProviderOfferings, ProviderOfferings.offering_id == Offerings.id)
        .where(
            ProviderOfferings.provider_id == any_(PROVIDERS),
            Offerings.status == OfferingStatus.ACTIVE,
            *conditions,
        )
        .order_by(Offerings.duration_minutes, Offerings.id),
        lambda *row: (Offering(*row[:OFFERED]), Performance(*row[OFFERED:])),
    )


ANYTHING: Final = _performed()
ONE_THING: Final = _performed(Offerings.id == bindparam("offering_id"))


class FreeDayRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def performing(
        self,
        provider_ids: Sequence[UUID],
        offering_id: UUID | None,
        *,
        since: datetime,
        until: datetime,
    ) -> list[tuple[Offering, Performer]]:
        """Return what each of them can be booked for, or the one offering, in two statements.

        Their hours are told as far as they matter to starts in `[since, until)`.
        """
        asked = {"provider_ids": list(provider_ids)}
        if offering_id is None:
            performed = await self.connection.all(ANYTHING, **asked)
        else:
            performed = await self.connection.all(ONE_THING, **asked, offering_id=offering_id)
        if not performed:
            return []
        rows = await self.connection.all(
            HOURS,
            provider_ids=list({terms.provider_id for _, terms in performed}),
            first_day=since.date() - ROOM,
            last_day=until.date() + ROOM,
            since=since - ROOM,
            until=until + ROOM,
        )
        hours = _hours(rows)
        return [
            (offering, Performer(terms.provider_id, terms, *hours[terms.provider_id]))
            for offering, terms in performed
            if terms.provider_id in hours
        ]


def _hours(rows: Sequence[tuple[Any, ...]]) -> dict[UUID, tuple[Hours, OwnTerms]]:
    versions: defaultdict[UUID, list[Schedule]] = defaultdict(list)
    found: dict[UUID, tuple[Any, ...]] = {}
    for row in rows:
        provider_id, *rest = row[OWN:]
        found[provider_id] = (row[:OWN], *rest[:4])
        if rest[4] is not None:
            versions[provider_id].append(Schedule(*rest[4:]))
    return {
        provider_id: (
            Hours(
                zone,
                tuple(versions[provider_id]),
                replaced_days(replaced, closed),
                merged((begins, ends) for begins, ends in away or ()),
            ),
            OwnTerms(*own),
        )
        for provider_id, (own, zone, replaced, closed, away) in found.items()
    }
