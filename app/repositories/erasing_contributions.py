"""What goes of all that somebody contributed when they are erased: files, words of reviews."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import DateTime, Uuid, bindparam, delete, null, or_, select, update

from app.core.statements import Command, Query
from app.domain.files import FileState
from app.models import Files, Providers, ReviewReports, Reviews, ReviewVotes

USER: Final = bindparam("user_id", type_=Uuid)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))

# By them, about them, or answered by them: each may call them by their name.
THEIR_REVIEWS: Final = or_(
    Reviews.author_id == USER,
    Reviews.organizer_id == USER,
    Reviews.replied_by == USER,
    Reviews.provider_id.in_(select(Providers.id).where(Providers.user_id == USER)),
)
UNVOTED: Final = (
    delete(ReviewVotes)
    .where(ReviewVotes.user_id == USER)
    .returning(ReviewVotes.review_id)
    .cte("unvoted")
)

ERASING: Final[Mapping[str, Command]] = {
    # What is in them goes with the message of each; the sweep finds those that come after.
    "files": Command(
        update(Files)
        .where(Files.user_id == USER, Files.state != FileState.DROPPED)
        .values(state=FileState.DROPPED, name="", updated_at=NOW)
    ),
    # The stars stay: what they add up to is others'.
    "reviews": Command(
        update(Reviews)
        .where(THEIR_REVIEWS, or_(Reviews.comment.is_not(None), Reviews.reply.is_not(None)))
        .values(comment=null(), reply=null())
    ),
    "review_votes": Command(
        update(Reviews).where(Reviews.id == UNVOTED.c.review_id).values(useful=Reviews.useful - 1)
    ),
    "review_reports": Command(
        delete(ReviewReports).where(
            or_(
                ReviewReports.user_id == USER,
                ReviewReports.review_id.in_(select(Reviews.id).where(THEIR_REVIEWS)),
            )
        )
    ),
}
FILES: Final = Query(select(Files.id).where(Files.user_id == USER), lambda id_: id_)
