"""What one person is told of all that they contributed: files, reviews, votes."""

from typing import Final

from app.domain.files import FileState
from app.models import Files, ReviewReports, Reviews, ReviewVotes
from app.repositories.export_sections import USER, Section

SECTIONS: Final[dict[str, Section]] = {
    "files": Section(
        Files.id,
        Files.name,
        Files.media_type,
        Files.size,
        Files.created_at,
        own=(Files.user_id == USER) & (Files.state == FileState.READY),
        by=[Files.id],
    ),
    "reviews": Section(
        Reviews.id,
        Reviews.booking_id,
        Reviews.rating,
        Reviews.comment,
        Reviews.status,
        Reviews.edited_at,
        Reviews.created_at,
        own=Reviews.author_id == USER,
        by=[Reviews.created_at, Reviews.id],
    ),
    "replies_to_reviews": Section(
        Reviews.id,
        Reviews.reply,
        Reviews.replied_at,
        own=Reviews.replied_by == USER,
        by=[Reviews.id],
    ),
    "review_votes": Section(
        ReviewVotes.review_id,
        ReviewVotes.created_at,
        own=ReviewVotes.user_id == USER,
        by=[ReviewVotes.review_id],
    ),
    "review_reports": Section(
        ReviewReports.review_id,
        ReviewReports.reason,
        ReviewReports.created_at,
        own=ReviewReports.user_id == USER,
        by=[ReviewReports.review_id],
    ),
}
