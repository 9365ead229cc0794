"""The vocabulary of reviews: what those who took part say of it, once it is over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.ids import new_id
from app.core.listing import Page
from app.core.messages import Message
from app.domain.files import FileLink

EDITABLE_FOR: Final = timedelta(hours=48)
INVITED_AFTER: Final = timedelta(hours=3)
INVITED_WITHIN: Final = timedelta(days=4)
"""After so long nobody is invited any more: the visit is no longer fresh, or was long ago."""
REPORTED: Final = "reported"
"""The flag of a review that readers complained of."""


class ReviewStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class ReviewSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"
    LEAST_USEFUL = "useful"
    MOST_USEFUL = "-useful"


class SubjectKind(StrEnum):
    EVENT = "event"
    PROVIDER = "provider"
    SERVICE = "service"


class ReviewNotFound(NotFound):
    """There is no such review."""


class ReviewSubjectNotFound(NotFound):
    """There is nothing here that reviews could be about."""


class NotAParticipant(Forbidden):
    """Only who took part can review it, once it is over."""


class AlreadyReviewed(Conflict):
    """You have reviewed this booking already."""


class ReviewSettled(Conflict):
    """A review can be changed for 48 hours, and it is older than that."""


class AlreadyReplied(Conflict):
    """This review has a reply already; change that one."""


class ReplyNotFound(NotFound):
    """This review has no reply."""


class PictureExpected(Invalid):
    """Only pictures can be shown with a review."""

    pointer = "#/photos"


@dataclass(frozen=True, slots=True)
class Review:
    """What one person says of one booking; whom and what it is about follows from that."""

    id: UUID
    booking_id: UUID
    author_id: UUID
    service_id: UUID | None
    provider_id: UUID | None
    event_id: UUID | None
    organizer_id: UUID | None
    rating: int
    comment: str | None
    status: ReviewStatus
    flags: Sequence[str]
    reports: int
    useful: int
    reply: str | None
    replied_by: UUID | None
    replied_at: datetime | None
    edited_at: datetime | None
    moderated_by: UUID | None
    moderated_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def counted(self) -> int | None:
        """Return the rating where it counts: what is not approved counts for nothing."""
        return self.rating if self.status is ReviewStatus.APPROVED else None

    @property
    def subjects(self) -> list["Subject"]:
        """Return what it is about, always in the same order."""
        about = (
            (SubjectKind.EVENT, self.event_id),
            (SubjectKind.PROVIDER, self.provider_id),
            (SubjectKind.SERVICE, self.service_id),
        )
        return [Subject(kind, id_) for kind, id_ in about if id_ is not None]

    def ensure_editable(self, *, now: datetime) -> None:
        if now >= self.created_at + EDITABLE_FOR:
            raise ReviewSettled


@dataclass(frozen=True, slots=True)
class ReviewEntry(Review):
    """A review with the name of who wrote it, None where they were erased."""

    author_name: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    kind: SubjectKind
    id: UUID


@dataclass(frozen=True, slots=True)
class ReviewTotal:
    """How often each number of stars was given."""

    ones: int
    twos: int
    threes: int
    fours: int
    fives: int

    @property
    def histogram(self) -> Sequence[int]:
        return (self.ones, self.twos, self.threes, self.fours, self.fives)

    @property
    def count(self) -> int:
        return sum(self.histogram)

    @property
    def average(self) -> float:
        stars = sum(rating * times for rating, times in enumerate(self.histogram, 1))
        return stars / self.count if self.count else 0.0


NOTHING_YET: Final = ReviewTotal(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking of somebody, as far as they may review it."""

    booking_id: UUID
    service_id: UUID | None
    provider_id: UUID | None
    event_id: UUID | None
    organizer_id: UUID | None
    is_over: bool
    is_own: bool
    is_reviewed: bool

    def ensure_can_be_reviewed(self) -> None:
        if self.is_own:
            raise NotAParticipant("Nobody can review themselves.")
        if self.is_reviewed:
            raise AlreadyReviewed
        if not self.is_over:
            raise NotAParticipant("It is not over yet.")


@dataclass(frozen=True, slots=True)
class ReviewOf:
    """What somebody wants to review: one of these."""

    booking_id: UUID | None = None
    event_id: UUID | None = None
    service_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which reviews to list; None means any."""

    author_id: UUID | None = None
    event_id: UUID | None = None
    provider_id: UUID | None = None
    service_id: UUID | None = None
    status: ReviewStatus | None = None
    rating: int | None = None
    flagged: bool | None = None

    def about(self, subject: Subject) -> "ReviewFilter":
        """Limit it to what everybody may see of a subject."""
        public = replace(self, status=ReviewStatus.APPROVED)
        match subject.kind:
            case SubjectKind.EVENT:
                return replace(public, event_id=subject.id)
            case SubjectKind.PROVIDER:
                return replace(public, provider_id=subject.id)
            case SubjectKind.SERVICE:
                return replace(public, service_id=subject.id)


@dataclass(frozen=True, slots=True)
class ShownReview:
    """A review with links to its pictures."""

    review: ReviewEntry
    photos: Sequence[FileLink]


@dataclass(frozen=True, slots=True)
class ReviewsOf:
    """A page of what is said of something, and how all of it adds up."""

    page: Page[ShownReview]
    total: ReviewTotal


@dataclass(frozen=True, slots=True)
class Miscount:
    """A total that is not what a recount of its reviews gives. Nothing of ours makes one."""

    subject: Subject
    found: ReviewTotal
    expected: ReviewTotal


@dataclass(frozen=True, slots=True)
class ReviewPosted(Message):
    """Somebody's review is there for everybody to see."""

    review_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewReplied(Message):
    """The provider or the organizer has replied to a review."""

    review_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewInvited(Message):
    """A visit is over, and its customer may want to say how it was."""

    booking_id: UUID


def written(
    visit: Visit,
    *,
    by: UUID,
    rating: int,
    comment: str | None,
    flags: Sequence[str],
    status: ReviewStatus,
    now: datetime,
) -> Review:
    return Review(
        id=new_id(),
        booking_id=visit.booking_id,
        author_id=by,
        service_id=visit.service_id,
        provider_id=visit.provider_id,
        event_id=visit.event_id,
        organizer_id=visit.organizer_id,
        rating=rating,
        comment=comment,
        status=status,
        flags=flags,
        reports=0,
        useful=0,
        reply=None,
        replied_by=None,
        replied_at=None,
        edited_at=None,
        moderated_by=None,
        moderated_at=None,
        created_at=now,
        updated_at=now,
    )


def settled(flags: Sequence[str], *, before: bool, was_rejected: bool = False) -> ReviewStatus:
    """Return whether it is published at once: never what has flags, or was rejected once."""
    waits = before or bool(flags) or was_rejected
    return ReviewStatus.PENDING if waits else ReviewStatus.APPROVED


def signed_as(full_name: str | None) -> str | None:
    """Return a name as everybody is told it: `Ada L.`"""
    first, *others = (full_name or "").split()[:5] or [""]
    initial = f" {others[-1][0]}." if others else ""
    return f"{first}{initial}" or None
