"""Every statement that takes a person out of the tables, and leaves the books and the others.

A column that may hold something personal is named in `tests/architecture/test_personal_data.py`,
with the statement here that empties it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.i18n import Locale
from app.core.statements import Command, Query
from app.domain.bookings import ACTIVE, BookingStatus
from app.domain.events import EventStatus
from app.domain.offerings import OfferingStatus
from app.domain.privacy import ERASED_PROVIDER, OwnOffering
from app.domain.providers import Provider, ProviderStatus
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.domain.waitlist import ENTERED
from app.models import (
    ApiKeys,
    BookingChanges,
    Bookings,
    CalendarFeeds,
    EmailChanges,
    EmailVerifications,
    EventCapacity,
    Events,
    ExternalCalendars,
    IdempotencyRecords,
    Identities,
    Offerings,
    Overrides,
    PasswordResets,
    Photos,
    ProviderOfferings,
    Providers,
    RecoveryCodes,
    Schedules,
    Tickets,
    TimeOff,
    TotpFactors,
    Users,
    WaitlistEntries,
)
from app.repositories import erasing_contributions, erasing_reach, erasing_stems
from app.repositories.base import columns

USER: Final = bindparam("user_id", type_=Uuid)
EMAIL: Final = bindparam("email", type_=String)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
OWN_PROVIDER: Final = select(Providers.id).where(Providers.user_id == USER).scalar_subquery()
NOT_EVEN_ONE: Final = text("'{}'")
A_BATCH: Final = 500

# Who is booking one of these at this moment is told, as of any other change; titles and names of
# ticket types were gone through before.
ORGANIZED: Final = (
    update(Events)
    .where(Events.organizer_id == USER)
    .values(
        status=case(
            (
                and_(Events.status == EventStatus.PUBLISHED, Events.ends_at > NOW),
                EventStatus.CANCELLED.value,
            ),
            else_=Events.status,
        ),
        cancelled_at=case(
            (and_(Events.status == EventStatus.PUBLISHED, Events.ends_at > NOW), NOW),
            else_=Events.cancelled_at,
        ),
        description=null(),
        tags=NOT_EVEN_ONE,
        location=null(),
        latitude=null(),
        longitude=null(),
        online_url=null(),
        cover_id=null(),
        cancel_reason=null(),
        updated_at=NOW,
    )
    .returning(Events.id)
    .cte("organized")
)
CALLED_OFF: Final = Command(
    update(EventCapacity)
    .where(EventCapacity.event_id == ORGANIZED.c.id)
    .values(version=EventCapacity.version + 1)
)

# Safe to run again: what was under way while it ran is taken out by a second time.
ERASING: Final[Mapping[str, Command]] = {
    "api_keys": Command(delete(ApiKeys).where(ApiKeys.user_id == USER)),
    "identities": Command(delete(Identities).where(Identities.user_id == USER)),
    "totp_factors": Command(delete(TotpFactors).where(TotpFactors.user_id == USER)),
    "recovery_codes": Command(delete(RecoveryCodes).where(RecoveryCodes.user_id == USER)),
    "password_resets": Command(delete(PasswordResets).where(PasswordResets.user_id == USER)),
    "email_changes": Command(delete(EmailChanges).where(EmailChanges.user_id == USER)),
    "email_verifications": Command(
        delete(EmailVerifications).where(
            or_(EmailVerifications.user_id == USER, EmailVerifications.email == EMAIL)
        )
    ),
    "own_answers": Command(delete(IdempotencyRecords).where(IdempotencyRecords.user_id == USER)),
    # What others were told of them. The record stays: without it, what they asked for would be
    # done twice. Answers about somebody hold their id.
    "answers_to_others": Command(
        update(IdempotencyRecords)
        .where(
            func.position(
                func.convert_to(USER.cast(Text), "UTF8", type_=LargeBinary).op("IN")(
                    IdempotencyRecords.body
                )
            )
            > 0
        )
        .values(body=literal(b"{}", LargeBinary))
    ),
    "bookings": Command(
        update(Bookings)
        .where(
            Bookings.customer_id == USER,
            or_(Bookings.notes.is_not(None), Bookings.cancel_reason.is_not(None)),
        )
        .values(notes=null(), cancel_reason=null())
    ),
    # Why one was cancelled stands in the booking too, for those who booked with them.
    "booking_changes": Command(
        update(BookingChanges)
        .where(
            BookingChanges.reason.is_not(None),
            BookingChanges.booking_id == Bookings.id,
            or_(
                Bookings.customer_id == USER,
                Bookings.provider_id == OWN_PROVIDER,
                Bookings.service_id.in_(select(Offerings.id).where(Offerings.owner_id == USER)),
            ),
        )
        .values(reason=null())
    ),
    # Who is still in line is counted; they leave it first.
    "waitlist_entries": Command(
        delete(WaitlistEntries).where(
            WaitlistEntries.user_id == USER,
            *(WaitlistEntries.status != status for status in ENTERED),
        )
    ),
    "calendar_feeds": Command(
        delete(CalendarFeeds).where(
            or_(CalendarFeeds.user_id == USER, CalendarFeeds.provider_id == OWN_PROVIDER)
        )
    ),
    "external_calendars": Command(  # and what they keep busy
        delete(ExternalCalendars).where(ExternalCalendars.provider_id == OWN_PROVIDER)
    ),
    "overrides": Command(delete(Overrides).where(Overrides.provider_id == OWN_PROVIDER)),
    "time_off": Command(delete(TimeOff).where(TimeOff.provider_id == OWN_PROVIDER)),
    "schedules": Command(delete(Schedules).where(Schedules.provider_id == OWN_PROVIDER)),
    "provider_offerings": Command(
        delete(ProviderOfferings).where(ProviderOfferings.provider_id == OWN_PROVIDER)
    ),
    # What others perform goes on, in their names; its texts were gone through before.
    "offerings": Command(
        update(Offerings)
        .where(
            Offerings.owner_id == USER,
            ~exists().where(ProviderOfferings.offering_id == Offerings.id),
        )
        .values(
            status=OfferingStatus.ARCHIVED, description=null(), tags=NOT_EVEN_ONE, updated_at=NOW
        )
    ),
    "tickets": Command(
        update(Tickets)
        .where(
            or_(
                Tickets.booking_id.in_(select(Bookings.id).where(Bookings.customer_id == USER)),
                Tickets.attendee_email == EMAIL,
            ),
            or_(Tickets.attendee_name.is_not(None), Tickets.attendee_email.is_not(None)),
        )
        .values(attendee_name=null(), attendee_email=null())
    ),
    "events": CALLED_OFF,
    **erasing_stems.ERASING,
    "providers": Command(
        update(Providers)
        .where(Providers.user_id == USER)
        .values(
            name=ERASED_PROVIDER,
            bio=null(),
            timezone="UTC",
            location=null(),
            latitude=null(),
            longitude=null(),
            photo_id=null(),
            status=ProviderStatus.INACTIVE,
            hours_version=Providers.hours_version + 1,
            updated_at=NOW,
        )
    ),
    "users": Command(
        update(Users)
        .where(Users.id == USER)
        .values(
            email=bindparam("erased_email"),
            username=null(),
            full_name=null(),
            phone=null(),
            phone_verified_at=null(),
            password_hash=null(),
            roles=text(f"'{{{Role.CUSTOMER}}}'"),
            permissions=NOT_EVEN_ONE,
            requested_role=null(),
            status=UserStatus.DEACTIVATED,
            locale=Locale.EN,
            timezone="UTC",
            photo_id=null(),
            last_login_at=null(),
            erased_at=func.coalesce(Users.erased_at, NOW),
            updated_at=NOW,
        )
    ),
}

# FOR UPDATE, and no less: a booking that is being made holds the key of the provider's row.
LOCK_PROVIDER: Final = Query(
    select(*columns(Providers, Provider)).where(Providers.user_id == USER).with_for_update(),
    Provider,
)
IS_ACTIVE: Final = and_(
    or_(*(Bookings.status == status for status in ACTIVE)),
    or_(Bookings.status != BookingStatus.PENDING, Bookings.hold_expires_at > NOW),
)
RESERVED: Final = Query(
    select(Bookings.id).where(Bookings.customer_id == USER, Bookings.starts_at > NOW, IS_ACTIVE),
    lambda id_: id_,
)
EXPECTED: Final = Query(
    union(
        select(Bookings.id).where(
            Bookings.provider_id == OWN_PROVIDER, Bookings.ends_at > NOW, IS_ACTIVE
        ),
        select(Bookings.id).where(Bookings.organizer_id == USER, Bookings.ends_at > NOW, IS_ACTIVE),
    )
    .subquery()
    .select(),
    lambda id_: id_,
)
PHOTOS: Final = Query(select(Photos.id).where(Photos.user_id == USER), lambda id_: id_)

OWNED: Final = Query(
    select(*columns(Offerings, OwnOffering)).where(Offerings.owner_id == USER), OwnOffering
)
REWORD: Final = Command(
    update(Offerings)
    .where(Offerings.id == bindparam("offering_id", type_=Uuid))
    .values(
        name=func.left(bindparam("new_name", type_=String), 150),
        description=func.left(bindparam("new_description", type_=String), 5000),
        tags=bindparam("new_tags", type_=Offerings.tags.type),
    )
)
WRITTEN: Final = (Bookings.title, Bookings.notes, Bookings.cancel_reason)
WITH_THEM: Final = Query(
    select(Bookings.id, *WRITTEN)
    .where(
        or_(
            Bookings.provider_id == bindparam("provider_id", type_=Uuid),
            Bookings.service_id == any_(bindparam("service_ids", type_=ARRAY(Uuid))),
            Bookings.organizer_id == bindparam("organizer_id", type_=Uuid),
        ),
        Bookings.id > bindparam("after", type_=Uuid),
    )
    .order_by(Bookings.id)
    .limit(bindparam("most", type_=Integer)),
    lambda id_, *texts: (id_, texts),
)
REWRITE: Final = Command(
    update(Bookings)
    .where(Bookings.id == bindparam("booking_id", type_=Uuid))
    .values(
        {
            column.key: func.left(bindparam(f"new_{column.key}", type_=String), column.type.length)
            for column in WRITTEN
        }
    )
)


class ErasureRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock_provider(self, user_id: UUID) -> Provider | None:
        """Return what performs services for the account; nobody can be booking them meanwhile."""
        return await self.connection.first(LOCK_PROVIDER, user_id=user_id)

    async def reserved(self, user_id: UUID, *, now: datetime) -> list[UUID]:
        """Return what they booked and what has not begun."""
        return await self.connection.all(RESERVED, user_id=user_id, now=now)

    async def expected(self, user_id: UUID, *, now: datetime) -> list[UUID]:
        """Return the bookings of others with them that are not over."""
        return await self.connection.all(EXPECTED, user_id=user_id, now=now)

    async def addresses(self, user_id: UUID) -> list[str]:
        """Return where letters to them may have gone."""
        return await self.connection.all(erasing_reach.ADDRESSES, user_id=user_id)

    async def recipients(self, user_id: UUID) -> list[str]:
        """Return the numbers, devices and chats where they were reached."""
        return await self.connection.all(erasing_reach.RECIPIENTS, user_id=user_id)

    async def photos(self, user_id: UUID) -> list[UUID]:
        return await self.connection.all(PHOTOS, user_id=user_id)

    async def files(self, user_id: UUID) -> list[UUID]:
        return await self.connection.all(erasing_contributions.FILES, user_id=user_id)

    async def owned(self, user_id: UUID) -> list[OwnOffering]:
        """Return the services that are theirs."""
        return await self.connection.all(OWNED, user_id=user_id)

    async def reword(self, offering: OwnOffering) -> None:
        await self.connection.run(
            REWORD,
            offering_id=offering.id,
            new_name=offering.name,
            new_description=offering.description,
            new_tags=offering.tags,
        )

    async def written(
        self,
        provider_id: UUID | None,
        service_ids: Sequence[UUID],
        organizer_id: UUID,
        *,
        after: UUID,
    ) -> list[tuple[UUID, tuple[str | None, ...]]]:
        """Return the texts of some bookings with them, or of what is theirs, in order of ids."""
        return await self.connection.all(
            WITH_THEM,
            provider_id=provider_id,
            service_ids=list(service_ids),
            organizer_id=organizer_id,
            after=after,
            most=A_BATCH,
        )

    async def rewrite(self, booking_id: UUID, texts: Sequence[str | None]) -> None:
        """Replace the texts of a booking, given in the order of `written`."""
        new = {f"new_{column.key}": each for column, each in zip(WRITTEN, texts, strict=True)}
        await self.connection.run(REWRITE, booking_id=booking_id, **new)

    async def erase(self, **facts: Any) -> None:
        """Run all that erases."""
        for statement in ERASING.values():
            known = {name: facts[name] for name in statement.parameters}
            await self.connection.run(statement, **known)
