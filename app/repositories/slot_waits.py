"""Every statement about who waits for a time with a provider.

To offer a provider's time, the provider must be locked.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Uuid,
    and_,
    bindparam,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.bookings import ACTIVE, BookingStatus
from app.domain.offerings import OfferingStatus
from app.domain.slot_waits import SlotWait, SlotWaitFilter, SlotWaitSort
from app.domain.waitlist import AlreadyWaiting, WaitlistStatus
from app.models import Bookings, Offerings, ProviderOfferings, SlotWaits
from app.repositories.base import Listing, columns, parameters, values

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
ID: Final = bindparam("id", type_=Uuid)
SERVICE_ID: Final = bindparam("service_id", type_=Uuid)
PROVIDER_ID: Final = bindparam("provider_id", type_=Uuid)
USER_ID: Final = bindparam("user_id", type_=Uuid)
COLUMNS: Final = columns(SlotWaits, SlotWait)
WAITING: Final = SlotWaits.status == WaitlistStatus.WAITING
OFFERED: Final = SlotWaits.status == WaitlistStatus.OFFERED
ENTERED: Final = or_(WAITING, OFFERED)

ADD: Final = Command(
    insert(SlotWaits).values(parameters(SlotWaits, SlotWait)),
    violations={"uq_slot_waits_of_user": AlreadyWaiting},
)
BY_ID: Final = Query(select(*COLUMNS).where(SlotWaits.id == ID), SlotWait)
LEAVE: Final = Query(
    update(SlotWaits)
    .where(SlotWaits.service_id == SERVICE_ID, SlotWaits.user_id == USER_ID, ENTERED)
    .values(status=WaitlistStatus.LEFT, updated_at=NOW)
    .returning(*COLUMNS),
    SlotWait,
)
FORGET: Final = Query(
    delete(SlotWaits).where(SlotWaits.user_id == USER_ID, ENTERED).returning(*COLUMNS), SlotWait
)

# Those whom a provider can serve, in their order.
COULD_SERVE: Final = and_(
    ProviderOfferings.offering_id == SlotWaits.service_id,
    or_(SlotWaits.provider_id.is_(None), SlotWaits.provider_id == ProviderOfferings.provider_id),
)
IS_OFFERED: Final = and_(
    Offerings.id == SlotWaits.service_id, Offerings.status == OfferingStatus.ACTIVE
)
IN_LINE: Final = Query(
    select(*COLUMNS)
    .join(ProviderOfferings, COULD_SERVE)
    .join(Offerings, IS_OFFERED)
    .where(
        ProviderOfferings.provider_id == PROVIDER_ID,
        WAITING,
        SlotWaits.last_day >= bindparam("today", type_=Date),
    )
    .order_by(SlotWaits.created_at, SlotWaits.id)
    .limit(bindparam("most", type_=Integer)),
    SlotWait,
)
WANTED_PROVIDERS: Final = Query(
    select(ProviderOfferings.provider_id)
    .distinct()
    .select_from(SlotWaits)
    .join(ProviderOfferings, COULD_SERVE)
    .join(Offerings, IS_OFFERED)
    .where(WAITING)
    .order_by(ProviderOfferings.provider_id),
    lambda id_: id_,
)
OFFER: Final = Query(
    update(SlotWaits)
    .where(SlotWaits.id == ID, WAITING)
    .values(
        status=WaitlistStatus.OFFERED,
        offered_by=bindparam("by", type_=Uuid),
        offer_starts_at=bindparam("starts_at", type_=INSTANT),
        offer_blocked_from=bindparam("blocked_from", type_=INSTANT),
        offer_blocked_until=bindparam("blocked_until", type_=INSTANT),
        offer_expires_at=bindparam("expires_at", type_=INSTANT),
        updated_at=NOW,
    )
    .returning(SlotWaits.id),
    lambda id_: id_,
)
LAPSE: Final = Command(
    update(SlotWaits)
    .where(
        or_(
            and_(OFFERED, SlotWaits.offer_expires_at <= NOW),
            and_(WAITING, SlotWaits.last_day < bindparam("today", type_=Date)),
        )
    )
    .values(status=WaitlistStatus.LAPSED, updated_at=NOW)
)
LAPSE_OF: Final = Command(
    update(SlotWaits)
    .where(SlotWaits.offered_by == PROVIDER_ID, OFFERED, SlotWaits.offer_expires_at <= NOW)
    .values(status=WaitlistStatus.LAPSED, updated_at=NOW)
)

# What they booked since, of those who wait; or just before the offer lapsed.
BOOKED: Final = (
    select(SlotWaits.id, Bookings.id.label("booking_id"))
    .join(
        Bookings,
        and_(
            Bookings.customer_id == SlotWaits.user_id,
            Bookings.service_id == SlotWaits.service_id,
            Bookings.created_at >= SlotWaits.created_at,
            or_(*(Bookings.status == status for status in (*ACTIVE, BookingStatus.COMPLETED))),
            or_(
                and_(
                    ENTERED,
                    cast(func.left(Bookings.starts_local, 10), Date).between(
                        SlotWaits.first_day, SlotWaits.last_day
                    ),
                ),
                and_(
                    SlotWaits.status == WaitlistStatus.LAPSED,
                    SlotWaits.booking_id.is_(None),
                    Bookings.starts_at == SlotWaits.offer_starts_at,
                    Bookings.created_at < SlotWaits.offer_expires_at,
                ),
            ),
        ),
    )
    .where(or_(ENTERED, SlotWaits.offer_expires_at > bindparam("since", type_=INSTANT)))
    .ext(distinct_on(SlotWaits.id))
    .order_by(SlotWaits.id, Bookings.created_at)
    .subquery()
)
TAKE: Final = Command(
    update(SlotWaits)
    .where(SlotWaits.id == BOOKED.c.id)
    .values(status=WaitlistStatus.TAKEN, booking_id=BOOKED.c.booking_id, updated_at=NOW)
)
MATCHING: Final = Listing(
    SlotWaits,
    SlotWait,
    filters={
        "service_id": SlotWaits.service_id == SERVICE_ID,
        "status": SlotWaits.status == bindparam("status"),
        "user_id": SlotWaits.user_id == USER_ID,
    },
    sorts={"created_at": SlotWaits.created_at},
)


class SlotWaitRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, wait: SlotWait) -> None:
        """Put somebody at the end of the line; refuse with AlreadyWaiting."""
        await self.connection.run(ADD, **values(wait))

    async def get(self, wait_id: UUID) -> SlotWait | None:
        return await self.connection.first(BY_ID, id=wait_id)

    async def leave(self, service_id: UUID, user_id: UUID, *, now: datetime) -> SlotWait | None:
        """Take somebody out of the line; return what they waited for, None if they did not."""
        return await self.connection.first(LEAVE, service_id=service_id, user_id=user_id, now=now)

    async def forget(self, user_id: UUID) -> list[SlotWait]:
        """Delete what somebody waits for; return it."""
        return await self.connection.all(FORGET, user_id=user_id)

    async def in_line(self, provider_id: UUID, *, today: date, most: int) -> list[SlotWait]:
        """Return who waits for what a provider could give them, in their order."""
        return await self.connection.all(IN_LINE, provider_id=provider_id, today=today, most=most)

    async def wanted_providers(self) -> list[UUID]:
        """Return with whom somebody waits for a time."""
        return await self.connection.all(WANTED_PROVIDERS)

    async def offer(self, wait: SlotWait) -> bool:
        """Keep what is offered for who waits; return whether they still did."""
        made = await self.connection.first(
            OFFER,
            id=wait.id,
            by=wait.offered_by,
            starts_at=wait.offer_starts_at,
            blocked_from=wait.offer_blocked_from,
            blocked_until=wait.offer_blocked_until,
            expires_at=wait.offer_expires_at,
            now=wait.updated_at,
        )
        return made is not None

    async def lapse(self, *, today: date, now: datetime) -> int:
        """Let offers and wishes lapse whose time is over; return how many."""
        return await self.connection.run(LAPSE, today=today, now=now)

    async def lapse_of(self, provider_id: UUID, *, now: datetime) -> None:
        """Let a provider's offers lapse whose time is over."""
        await self.connection.run(LAPSE_OF, provider_id=provider_id, now=now)

    async def take(self, *, since: datetime, now: datetime) -> int:
        """Take out of the line who booked what they waited for; return how many.

        Of those whose offer has lapsed, they are looked at that lapsed after `since`.
        """
        return await self.connection.run(TAKE, since=since, now=now)

    async def matching(
        self, wanted: SlotWaitFilter, request: PageRequest[SlotWaitSort]
    ) -> Page[SlotWait]:
        return await MATCHING.page(self.connection, wanted, request)
