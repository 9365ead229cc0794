"""Every statement that reads what is kept of one person, for that person: one for each section.

A section is a name and what to select. Its rows come in batches, so that neither the database
nor the program ever holds all of somebody's history at once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    null,
    select,
    tuple_,
)

from app.core.database import Connection
from app.core.statements import Query
from app.domain.exports import Batch, Place, Row
from app.models import (
    ApiKeys,
    AuditLog,
    BookingChanges,
    Bookings,
    CalendarFeeds,
    EmailChanges,
    EmailVerifications,
    Events,
    ExternalCalendars,
    Identities,
    Offerings,
    Overrides,
    PasswordResets,
    Photos,
    ProviderOfferings,
    Providers,
    Schedules,
    Sessions,
    TicketTypes,
    TimeOff,
    TotpFactors,
)

USER: Final = bindparam("user_id", type_=Uuid)
OWN_PROVIDER: Final = select(Providers.id).where(Providers.user_id == USER).scalar_subquery()
A_BATCH: Final = 500
# Before all that a section can be in order of.
FIRST: Final[dict[type[Any], Any]] = {
    Uuid: UUID(int=0),
    String: "",
    DateTime: datetime(1900, 1, 1, tzinfo=UTC),
}


class Section:
    """What is told of one kind of thing: `columns` of the rows that meet `own`, in order of `by`.

    `by` is unique, never null, and served by an index together with `own`.
    """

    def __init__(self, *columns: Any, own: ColumnElement[bool], by: Sequence[Any]) -> None:
        here: list[ColumnElement[Any]] = [key.expression for key in by]
        after = [bindparam(f"after_{place}", type_=key.type) for place, key in enumerate(here)]
        self._names = [column.key for column in columns]
        self._width = len(here)
        self.first: Final = tuple(FIRST[_kind(key.type)] for key in here)
        self._query = Query(
            select(*columns, *(key.label(f"here_{place}") for place, key in enumerate(here)))
            .where(own, tuple_(*here) > tuple_(*after))
            .order_by(*here)
            .limit(bindparam("most", type_=Integer)),
            self._row,
        )

    async def batch(self, connection: Connection, user_id: UUID, place: Place) -> Batch:
        after = {f"after_{index}": key for index, key in enumerate(place)}
        found = await connection.all(self._query, user_id=user_id, most=A_BATCH, **after)
        return Batch([row for row, _ in found], found[-1][1] if len(found) == A_BATCH else None)

    def _row(self, *row: Any) -> tuple[Row, Place]:
        told, place = row[: -self._width], row[-self._width :]
        return dict(zip(self._names, told, strict=True)), place


def _kind(type_: Any) -> type[Any]:
    return next(kind for kind in FIRST if isinstance(type_, kind))


BOOKED: Final = (
    Bookings.id,
    Bookings.kind,
    Bookings.status,
    Bookings.service_id,
    Bookings.event_id,
    Bookings.title,
    Bookings.timezone,
    Bookings.starts_at,
    Bookings.ends_at,
    Bookings.seats,
    Bookings.price_amount,
    Bookings.price_currency,
    Bookings.payment_status,
    Bookings.free_until_minutes,
    Bookings.late_fee_percent,
    Bookings.late_fee_amount,
    Bookings.hold_expires_at,
    Bookings.cancelled_at,
    Bookings.created_at,
    Bookings.updated_at,
)
# Of those who book with them nothing is told: neither who they are nor what they wrote.
OWN_REASON: Final = case((Bookings.cancelled_by == USER, Bookings.cancel_reason), else_=null())

SECTIONS: Final[dict[str, Section]] = {
    "sessions": Section(
        Sessions.id,
        Sessions.device,
        Sessions.ip,
        Sessions.user_agent,
        Sessions.created_at,
        Sessions.last_used_at,
        Sessions.expires_at,
        Sessions.revoked_at,
        own=Sessions.user_id == USER,
        by=[Sessions.id],
    ),
    "second_factors": Section(
        TotpFactors.created_at,
        TotpFactors.activated_at,
        own=TotpFactors.user_id == USER,
        by=[TotpFactors.id],
    ),
    "identities": Section(
        Identities.provider,
        Identities.subject,
        Identities.email,
        Identities.created_at,
        Identities.last_used_at,
        own=Identities.user_id == USER,
        by=[Identities.provider, Identities.subject],
    ),
    "api_keys": Section(
        ApiKeys.id,
        ApiKeys.name,
        ApiKeys.prefix,
        ApiKeys.scopes,
        ApiKeys.created_at,
        ApiKeys.expires_at,
        ApiKeys.last_used_at,
        own=ApiKeys.user_id == USER,
        by=[ApiKeys.created_at, ApiKeys.id],
    ),
    "email_verifications": Section(
        EmailVerifications.email,
        EmailVerifications.created_at,
        EmailVerifications.used_at,
        own=EmailVerifications.user_id == USER,
        by=[EmailVerifications.id],
    ),
    "email_changes": Section(
        EmailChanges.old_email,
        EmailChanges.email.label("new_email"),
        EmailChanges.created_at,
        EmailChanges.old_confirmed_at,
        EmailChanges.new_confirmed_at,
        EmailChanges.ended_at,
        own=EmailChanges.user_id == USER,
        by=[EmailChanges.created_at, EmailChanges.id],
    ),
    "password_resets": Section(
        PasswordResets.created_at,
        PasswordResets.used_at,
        own=PasswordResets.user_id == USER,
        by=[PasswordResets.created_at, PasswordResets.id],
    ),
    "photos": Section(
        Photos.id,
        Photos.created_at,
        own=Photos.user_id == USER,
        by=[Photos.id],
    ),
    "provider": Section(
        Providers.id,
        Providers.name,
        Providers.bio,
        Providers.timezone,
        Providers.location,
        Providers.latitude,
        Providers.longitude,
        Providers.status,
        Providers.min_notice_minutes,
        Providers.max_horizon_days,
        Providers.slot_step_minutes,
        Providers.max_per_day,
        Providers.max_per_week,
        Providers.rating_average,
        Providers.rating_count,
        Providers.created_at,
        Providers.updated_at,
        own=Providers.user_id == USER,
        by=[Providers.id],
    ),
    "schedules": Section(
        Schedules.timezone,
        Schedules.effective_from,
        Schedules.weekly,
        Schedules.created_at,
        own=Schedules.provider_id == OWN_PROVIDER,
        by=[Schedules.id],
    ),
    "overrides": Section(
        Overrides.day,
        Overrides.windows,
        Overrides.created_at,
        own=Overrides.provider_id == OWN_PROVIDER,
        by=[Overrides.id],
    ),
    "time_off": Section(
        TimeOff.id,
        TimeOff.starts_at,
        TimeOff.ends_at,
        TimeOff.reason,
        TimeOff.created_at,
        own=TimeOff.provider_id == OWN_PROVIDER,
        by=[TimeOff.starts_at, TimeOff.id],
    ),
    "external_calendars": Section(
        ExternalCalendars.id,
        ExternalCalendars.name,
        ExternalCalendars.url,
        ExternalCalendars.created_at,
        ExternalCalendars.fetched_at,
        own=ExternalCalendars.provider_id == OWN_PROVIDER,
        by=[ExternalCalendars.created_at, ExternalCalendars.id],
    ),
    "calendar_feeds": Section(
        CalendarFeeds.id,
        CalendarFeeds.provider_id,
        CalendarFeeds.created_at,
        own=CalendarFeeds.user_id == USER,
        by=[CalendarFeeds.id],
    ),
    "services": Section(
        Offerings.id,
        Offerings.category_id,
        Offerings.name,
        Offerings.description,
        Offerings.tags,
        Offerings.duration_minutes,
        Offerings.price_amount,
        Offerings.price_currency,
        Offerings.status,
        Offerings.created_at,
        Offerings.updated_at,
        own=Offerings.owner_id == USER,
        by=[Offerings.id],
    ),
    "events": Section(
        Events.id,
        Events.category_id,
        Events.title,
        Events.description,
        Events.tags,
        Events.status,
        Events.timezone,
        Events.starts_at,
        Events.ends_at,
        Events.location,
        Events.latitude,
        Events.longitude,
        Events.online_url,
        Events.cover_id,
        Events.max_participants,
        Events.price_amount,
        Events.price_currency,
        Events.cancelled_at,
        Events.cancel_reason,
        Events.created_at,
        Events.updated_at,
        own=Events.organizer_id == USER,
        by=[Events.starts_at, Events.id],
    ),
    "ticket_types": Section(
        TicketTypes.id,
        TicketTypes.event_id,
        TicketTypes.name,
        TicketTypes.price_amount,
        TicketTypes.price_currency,
        TicketTypes.capacity,
        TicketTypes.taken,
        TicketTypes.sales_start,
        TicketTypes.sales_end,
        own=and_(TicketTypes.event_id == Events.id, Events.organizer_id == USER),
        by=[TicketTypes.event_id, TicketTypes.id],
    ),
    "bookings_of_my_events": Section(
        *BOOKED,
        OWN_REASON.label("cancel_reason"),
        own=Bookings.organizer_id == USER,
        by=[Bookings.starts_at, Bookings.id],
    ),
    "performed_services": Section(
        ProviderOfferings.offering_id.label("service_id"),
        Offerings.name,
        ProviderOfferings.price_amount,
        Offerings.price_currency,
        ProviderOfferings.duration_minutes,
        own=and_(
            ProviderOfferings.provider_id == OWN_PROVIDER,
            Offerings.id == ProviderOfferings.offering_id,
        ),
        by=[ProviderOfferings.offering_id],
    ),
    "bookings": Section(
        *BOOKED,
        Bookings.provider_id,
        Bookings.notes,
        Bookings.cancel_reason,
        own=Bookings.customer_id == USER,
        by=[Bookings.starts_at, Bookings.id],
    ),
    "bookings_with_me": Section(
        *BOOKED,
        OWN_REASON.label("cancel_reason"),
        own=Bookings.provider_id == OWN_PROVIDER,
        by=[Bookings.starts_at, Bookings.id],
    ),
    "booking_changes": Section(
        BookingChanges.booking_id,
        BookingChanges.created_at,
        BookingChanges.kind,
        BookingChanges.status,
        BookingChanges.reason,
        BookingChanges.moved_from,
        BookingChanges.moved_to,
        own=and_(BookingChanges.booking_id == Bookings.id, Bookings.customer_id == USER),
        by=[BookingChanges.booking_id, BookingChanges.created_at, BookingChanges.id],
    ),
    "acts_of_staff": Section(
        AuditLog.action,
        AuditLog.created_at,
        AuditLog.before,
        AuditLog.after,
        own=AuditLog.target_id == USER,
        by=[AuditLog.created_at, AuditLog.id],
    ),
}


class ExportRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def batch(self, section: str, user_id: UUID, place: Place | None) -> Batch:
        """Return some rows of a section, from a place that a batch named, or from the start."""
        asked = SECTIONS[section]
        return await asked.batch(self.connection, user_id, place or asked.first)
