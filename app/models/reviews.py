"""What those who took part say, what others make of it, and how it adds up."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.reviews import ReviewStatus, SubjectKind
from app.models.base import Model, TimedRecord

APPROVED = text("status = 'approved'")


class Reviews(TimedRecord):
    """One of a booking at the most."""

    __tablename__ = "reviews"

    booking_id: Mapped[UUID] = mapped_column(
        ForeignKey("bookings.id", ondelete="CASCADE"), unique=True
    )
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("offerings.id"))
    provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("providers.id"))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"))
    organizer_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    rating: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[str | None] = mapped_column(String(2000))
    status: Mapped[ReviewStatus]
    flags: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default=text("'{}'"))
    reports: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    useful: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    reply: Mapped[str | None] = mapped_column(String(2000))
    replied_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    replied_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    moderated_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    moderated_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint("useful >= 0", name="useful"),
        CheckConstraint("reports >= 0", name="reports"),
        CheckConstraint("(event_id IS NULL) = (service_id IS NOT NULL)", name="of_one_kind"),
        Index("ix_reviews_of_author", "author_id", "created_at", "id"),
        Index("ix_reviews_in_line", "status", "created_at", "id"),
        *(
            Index(
                f"ix_reviews_{how}_of_{kind}",
                f"{kind}_id",
                *by,
                "id",
                postgresql_where=APPROVED,
            )
            for kind in ("service", "provider", "event")
            for how, by in (("newest", ("created_at",)), ("useful", ("useful",)))
        ),
    )


class ReviewVotes(Model):
    """Who found which review useful."""

    __tablename__ = "review_votes"

    review_id: Mapped[UUID] = mapped_column(
        ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    created_at: Mapped[datetime]


class ReviewReports(Model):
    """Who complained of which review, and why."""

    __tablename__ = "review_reports"

    review_id: Mapped[UUID] = mapped_column(
        ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]


class ReviewTotals(Model):
    """How often each number of stars was given, in approved reviews of one thing."""

    __tablename__ = "review_totals"

    subject_kind: Mapped[SubjectKind] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    ones: Mapped[int] = mapped_column(Integer)
    twos: Mapped[int] = mapped_column(Integer)
    threes: Mapped[int] = mapped_column(Integer)
    fours: Mapped[int] = mapped_column(Integer)
    fives: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        CheckConstraint(
            "ones >= 0 AND twos >= 0 AND threes >= 0 AND fours >= 0 AND fives >= 0", name="counts"
        ),
    )


class ReviewInvitations(Model):
    """Of which bookings the customer was asked for a review: once."""

    __tablename__ = "review_invitations"

    booking_id: Mapped[UUID] = mapped_column(
        ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime]
