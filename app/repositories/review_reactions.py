"""Every statement about what readers make of a review: votes and complaints."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, String, Uuid, bindparam, delete, func, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.statements import Command
from app.domain.reviews import REPORTED
from app.models import ReviewReports, Reviews, ReviewVotes

ID: Final = bindparam("review_id", type_=Uuid)
USER: Final = bindparam("user_id", type_=Uuid)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))

VOTED: Final = (
    insert(ReviewVotes)
    .values(review_id=ID, user_id=USER, created_at=NOW)
    .on_conflict_do_nothing()
    .returning(ReviewVotes.review_id)
    .cte("voted")
)
VOTE: Final = Command(
    update(Reviews).where(Reviews.id == VOTED.c.review_id).values(useful=Reviews.useful + 1)
)
UNVOTED: Final = (
    delete(ReviewVotes)
    .where(ReviewVotes.review_id == ID, ReviewVotes.user_id == USER)
    .returning(ReviewVotes.review_id)
    .cte("unvoted")
)
UNVOTE: Final = Command(
    update(Reviews).where(Reviews.id == UNVOTED.c.review_id).values(useful=Reviews.useful - 1)
)
COMPLAINED: Final = (
    insert(ReviewReports)
    .values(review_id=ID, user_id=USER, reason=bindparam("reason", type_=String), created_at=NOW)
    .on_conflict_do_nothing()
    .returning(ReviewReports.review_id)
    .cte("complained")
)
COMPLAIN: Final = Command(
    update(Reviews)
    .where(Reviews.id == COMPLAINED.c.review_id)
    .values(
        reports=Reviews.reports + 1,
        flags=func.array_append(func.array_remove(Reviews.flags, REPORTED), REPORTED),
    )
)


class ReviewReactionRepository:
    """Each is one statement: who reacts twice, be it at once, has reacted once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def vote(self, review_id: UUID, user_id: UUID, *, now: datetime) -> None:
        await self.connection.run(VOTE, review_id=review_id, user_id=user_id, now=now)

    async def unvote(self, review_id: UUID, user_id: UUID) -> None:
        await self.connection.run(UNVOTE, review_id=review_id, user_id=user_id)

    async def complain(
        self, review_id: UUID, user_id: UUID, *, reason: str | None, now: datetime
    ) -> None:
        await self.connection.run(
            COMPLAIN, review_id=review_id, user_id=user_id, reason=reason, now=now
        )
