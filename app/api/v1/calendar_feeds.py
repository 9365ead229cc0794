"""Private addresses to subscribe to, with one's bookings."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.conditions import matches, tag_of
from app.api.deps import Anybody, IfNoneMatch, Visitor
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.api.v1.calendars import ICalendar
from app.core.listing import InvalidCursor
from app.domain.calendar_feeds import CalendarFeedNotFound, NotAProvider
from app.schemas.base import Listing, listing
from app.schemas.calendar_feeds import (
    CalendarFeedCreate,
    CalendarFeedQuery,
    CalendarFeedRead,
    calendar_feed_read,
)
from app.schemas.calendars import CALENDAR

router = stem("calendar-feeds", prefix=API)
FeedToken = Annotated[str, Path(pattern="^[^/]*$")]  # what opens no feed is not there: a 404
FEED = Answers(calendar_feed_read)
FEEDS = Answers(listing(calendar_feed_read))
FOR_A_WHILE: Final = "private, max-age=300"
THERE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": CalendarFeedRead}}


@router.get(
    "/calendar-feeds",
    response_model=Listing[CalendarFeedRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(CalendarFeedQuery),
)
async def list_calendar_feeds(visitor: Visitor, request: Request) -> Response:
    """List one's own calendar feeds, with their addresses."""
    query = queries.read(request, CalendarFeedQuery)
    async with visitor.reading() as caller:
        page = await caller.services.calendar_feeds.list(caller.actor, query.page())
    return FEEDS.ok(page)


@router.post(
    "/calendar-feeds",
    response_model=CalendarFeedRead,
    status_code=status.HTTP_201_CREATED,
    responses={**THERE, **problems(NotAProvider)},
)
async def create_calendar_feed(visitor: Visitor, body: CalendarFeedCreate) -> Response:
    """Make a private address to subscribe to, or return the one there is.

    Whoever has the address can read the calendar. To change it, delete the feed and make another.
    """
    async with visitor.writing() as caller:
        feed, is_new = await caller.services.calendar_feeds.open(caller.actor, body.of)
        return FEED.created(feed) if is_new else FEED.ok(feed)


@router.delete(
    "/calendar-feeds/{feed_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(CalendarFeedNotFound),
)
async def delete_calendar_feed(visitor: Visitor, feed_id: UUID) -> Response:
    """Delete a feed; its address leads nowhere from then on."""
    async with visitor.writing() as caller:
        await caller.services.calendar_feeds.close(caller.actor, feed_id)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get(
    "/calendar/{token}.ics",
    response_class=ICalendar,
    response_model=None,
    responses={200: CALENDAR, **problems(CalendarFeedNotFound)},
)
async def get_calendar_feed(
    guest: Anybody, token: FeedToken, if_none_match: IfNoneMatch = None
) -> Response:
    """Return somebody's bookings, for calendar programs that subscribe to them."""
    async with guest.reading() as services:
        content = await services.calendar_feeds.file(token)
    headers = {"ETag": tag_of(content), "Cache-Control": FOR_A_WHILE}
    if if_none_match is not None and matches(if_none_match, headers["ETag"]):
        return Response(None, status.HTTP_304_NOT_MODIFIED, headers)
    return ICalendar(content, headers=headers)
