"""Every statement about reviews themselves."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    DateTime,
    Integer,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.bookings import BookingStatus
from app.domain.events import EventStatus
from app.domain.offerings import OfferingStatus
from app.domain.providers import ProviderStatus
from app.domain.reviews import (
    Review,
    ReviewEntry,
    ReviewFilter,
    ReviewOf,
    ReviewSort,
    Subject,
    SubjectKind,
    Visit,
)
from app.domain.users import UserStatus
from app.models import (
    Bookings,
    Events,
    Offerings,
    Providers,
    ReviewInvitations,
    Reviews,
    Users,
)
from app.repositories.base import Listing, columns, parameters, values

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
ID: Final = bindparam("review_id", type_=Uuid)
USER: Final = bindparam("user_id", type_=Uuid)
AUTHOR_NAME: Final = select(Users.full_name).where(Users.id == Reviews.author_id).scalar_subquery()
ENTRY: Final = [*columns(Reviews, Review), AUTHOR_NAME.label("author_name")]
CHANGED: Final = (
    "rating",
    "comment",
    "status",
    "flags",
    "reports",
    "reply",
    "replied_by",
    "replied_at",
    "edited_at",
    "moderated_by",
    "moderated_at",
    "updated_at",
)

GET: Final = Query(select(*ENTRY).where(Reviews.id == ID), ReviewEntry)
LOCK: Final = Query(
    select(*columns(Reviews, Review)).where(Reviews.id == ID).with_for_update(), Review
)
# Two at once for one booking: the second one gets no row.
ADD: Final = Command(
    insert(Reviews)
    .values(parameters(Reviews, Review))
    .on_conflict_do_nothing(index_elements=["booking_id"])
)
SAVE: Final = Command(
    update(Reviews)
    .where(Reviews.id == ID)
    .values({n: c for n, c in parameters(Reviews, Review).items() if n in CHANGED})
)
REMOVE: Final = Command(delete(Reviews).where(Reviews.id == ID))
IS_OVER: Final = or_(
    Bookings.status == BookingStatus.COMPLETED,
    and_(Bookings.status == BookingStatus.CONFIRMED, Bookings.ends_at <= NOW),
)
IS_REVIEWED: Final = exists().where(Reviews.booking_id == Bookings.id)
IS_OWN: Final = or_(
    Bookings.organizer_id == USER,
    exists().where(Providers.id == Bookings.provider_id, Providers.user_id == USER),
)


def _visit(column: str) -> Query[Visit]:
    """Return what looks for the booking to review: the last one that is over and has none."""
    return Query(
        select(
            Bookings.id.label("booking_id"),
            Bookings.service_id,
            Bookings.provider_id,
            Bookings.event_id,
            Bookings.organizer_id,
            func.coalesce(IS_OVER, literal(False)).label("is_over"),
            func.coalesce(IS_OWN, literal(False)).label("is_own"),
            IS_REVIEWED.label("is_reviewed"),
        )
        .where(
            Bookings.customer_id == USER,
            Bookings.__table__.c[column] == bindparam("wanted", type_=Uuid),
            or_(
                Bookings.status == BookingStatus.COMPLETED,
                Bookings.status == BookingStatus.CONFIRMED,
                Bookings.status == BookingStatus.PENDING,
            ),
        )
        .order_by(
            case((and_(IS_OVER, ~IS_REVIEWED), 0), (IS_REVIEWED, 1), else_=2),
            Bookings.ends_at.desc(),
            Bookings.id,
        )
        .limit(1),
        Visit,
    )


VISITS: Final = {
    "booking_id": _visit("id"),
    "event_id": _visit("event_id"),
    "service_id": _visit("service_id"),
}
SUBJECT_ID: Final = bindparam("subject_id", type_=Uuid)
SUBJECTS: Final = union_all(
    select(literal(SubjectKind.EVENT.value, String).label("kind"), Events.id).where(
        Events.id == SUBJECT_ID, Events.status != EventStatus.DRAFT
    ),
    select(literal(SubjectKind.PROVIDER.value, String), Providers.id).where(
        Providers.id == SUBJECT_ID, Providers.status == ProviderStatus.ACTIVE
    ),
    select(literal(SubjectKind.SERVICE.value, String), Offerings.id).where(
        Offerings.id == SUBJECT_ID, Offerings.status == OfferingStatus.ACTIVE
    ),
).subquery("subjects")
SUBJECT: Final = Query(
    select(SUBJECTS.c.kind, SUBJECTS.c.id), lambda kind, id_: Subject(SubjectKind(kind), id_)
)
MATCHING: Final = Listing(
    Reviews,
    ReviewEntry,
    filters={
        "author_id": Reviews.author_id == bindparam("author_id"),
        "event_id": Reviews.event_id == bindparam("event_id"),
        "provider_id": Reviews.provider_id == bindparam("provider_id"),
        "service_id": Reviews.service_id == bindparam("service_id"),
        "status": Reviews.status == bindparam("status"),
        "rating": Reviews.rating == bindparam("rating"),
        "flagged": (func.cardinality(Reviews.flags) > 0) == bindparam("flagged", type_=Boolean),
    },
    sorts={"created_at": Reviews.created_at, "useful": Reviews.useful},
    shown=ENTRY,
)
# By when it began, which an index has; of what lasts longer than that nobody is asked.
FRESH: Final = (
    select(Bookings.id.label("booking_id"), NOW.label("created_at"))
    .join(Users, and_(Users.id == Bookings.customer_id, Users.status == UserStatus.ACTIVE))
    .where(
        Bookings.status == BookingStatus.COMPLETED,
        Bookings.starts_at > bindparam("since", type_=INSTANT),
        Bookings.ends_at > bindparam("since", type_=INSTANT),
        Bookings.ends_at <= bindparam("until", type_=INSTANT),
        ~IS_REVIEWED,
        ~exists().where(ReviewInvitations.booking_id == Bookings.id),
        ~exists().where(
            Providers.id == Bookings.provider_id, Providers.user_id == Bookings.customer_id
        ),
        func.coalesce(Bookings.organizer_id != Bookings.customer_id, literal(True)),
    )
    .order_by(Bookings.starts_at)
    .limit(bindparam("most", type_=Integer))
)
INVITE: Final = Query(
    insert(ReviewInvitations)
    .from_select(["booking_id", "created_at"], FRESH)
    .on_conflict_do_nothing()
    .returning(ReviewInvitations.booking_id),
    lambda id_: id_,
)


class ReviewRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, review_id: UUID) -> ReviewEntry | None:
        return await self.connection.first(GET, review_id=review_id)

    async def lock(self, review_id: UUID) -> Review | None:
        """Return it; nobody else changes it, or what it counts for, meanwhile."""
        return await self.connection.first(LOCK, review_id=review_id)

    async def add(self, review: Review) -> bool:
        """Insert it; False when its booking has one."""
        return await self.connection.run(ADD, **values(review)) == 1

    async def save(self, review: Review) -> None:
        """Write down what may change of a locked review."""
        changed = {name: getattr(review, name) for name in CHANGED}
        await self.connection.run(SAVE, review_id=review.id, **changed)

    async def remove(self, review_id: UUID) -> None:
        await self.connection.run(REMOVE, review_id=review_id)

    async def visit(self, user_id: UUID, of: ReviewOf, *, now: datetime) -> Visit | None:
        """Return their booking of what they want to review, best one that has no review."""
        (name, wanted), *_ = [(n, id_) for n, id_ in values(of).items() if id_ is not None]
        return await self.connection.first(VISITS[name], user_id=user_id, wanted=wanted, now=now)

    async def subject(self, subject_id: UUID) -> Subject | None:
        """Return what everybody may see under that id, whatever it is."""
        return await self.connection.first(SUBJECT, subject_id=subject_id)

    async def matching(
        self, wanted: ReviewFilter, request: PageRequest[ReviewSort]
    ) -> Page[ReviewEntry]:
        return await MATCHING.page(self.connection, wanted, request)

    async def invite(
        self, *, since: datetime, until: datetime, most: int, now: datetime
    ) -> list[UUID]:
        """Note of some visits that ended between then that their customer is asked; return which.

        Neither of those that were asked about before, nor of those that have a review.
        """
        return await self.connection.all(INVITE, since=since, until=until, most=most, now=now)
