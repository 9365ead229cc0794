"""Private addresses to subscribe to, as their owner sees them."""

from typing import Annotated, Final

from pydantic import Field
from typing_extensions import TypedDict

from app.core import addresses
from app.core.listing import PageRequest
from app.domain.calendar_feeds import FeedOf, FeedSort, OpenFeed
from app.schemas.accounts import SOME_ID, AnId, ATime
from app.schemas.base import ListQuery, Request

SOME_URL: Final = f"https://example.com/api/v1/calendar/{SOME_ID}.5f0c2a9e.ics"


class CalendarFeedCreate(Request):
    of: FeedOf
    """One's own bookings, or those with the provider one is."""


class CalendarFeedRead(TypedDict):
    id: AnId
    of: FeedOf
    url: Annotated[
        str,
        Field(description="Whoever has it can read the calendar.", examples=[SOME_URL]),
    ]
    created_at: ATime


def calendar_feed_read(open_: OpenFeed) -> CalendarFeedRead:
    return {
        "id": open_.feed.id,
        "of": open_.feed.of,
        "url": f"{addresses.base.get()}/api/v1/calendar/{open_.token}.ics",
        "created_at": open_.feed.created_at,
    }


class CalendarFeedQuery(ListQuery):
    sort: FeedSort = FeedSort.OLDEST

    def page(self) -> PageRequest[FeedSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
