"""Private addresses at which programs read somebody's bookings."""

import re
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import Signer
from app.core.errors import Contention
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.calendar_feeds import (
    CANCELLED_SHOWN,
    MOST_SHOWN,
    PAST_SHOWN,
    PURPOSE,
    CalendarFeed,
    CalendarFeedNotFound,
    FeedFilter,
    FeedOf,
    FeedSort,
    NotAProvider,
    OpenFeed,
)
from app.domain.calendars import Method, for_customer, for_seller
from app.integrations.calendars.protocol import Calendars
from app.repositories.calendar_feeds import CalendarFeedRepository
from app.repositories.calendars import CalendarRepository

TOKEN: Final = re.compile(r"[0-9a-f-]{36}\.[0-9a-f]{64}")
NAME: Final = "Banister"


class CalendarFeedService:
    """A token is derived from the id of the row: nothing that opens a feed is kept."""

    def __init__(
        self,
        feeds: CalendarFeedRepository,
        visits: CalendarRepository,
        calendars: Calendars,
        signer: Signer,
        clock: Clock,
        host: str,
    ) -> None:
        self.feeds = feeds
        self.visits = visits
        self.calendars = calendars
        self.signer = signer
        self.clock = clock
        self.host = host

    async def open(self, actor: Actor, of: FeedOf) -> tuple[OpenFeed, bool]:
        """Return the actor's feed of a kind, and whether it was made just now."""
        if of is FeedOf.PROVIDER and actor.provider_id is None:
            raise NotAProvider
        provider_id = actor.provider_id if of is FeedOf.PROVIDER else None
        feed = CalendarFeed(new_id(), actor.user_id, provider_id, self.clock())
        if await self.feeds.add(feed):
            return self._opened(feed), True
        there = await self.feeds.like(feed)
        if there is None:
            raise Contention  # deleted in this very moment
        return self._opened(there), False

    async def list(self, actor: Actor, request: PageRequest[FeedSort]) -> Page[OpenFeed]:
        page = await self.feeds.matching(FeedFilter(actor.user_id), request)
        return Page([self._opened(feed) for feed in page.items], page.next_cursor, page.total)

    async def close(self, actor: Actor, feed_id: UUID) -> None:
        """Delete it: its address leads nowhere from then on."""
        if not await self.feeds.remove(feed_id, user_id=actor.user_id):
            raise CalendarFeedNotFound

    async def file(self, token: str) -> bytes:
        """Return what a feed tells now: the same bytes as long as nothing has changed."""
        feed = await self._behind(token)
        now = self.clock()
        shown = {
            "since": now - PAST_SHOWN,
            "given_up_since": now - CANCELLED_SHOWN,
        }
        if feed.provider_id is not None:
            told = for_seller
            visits = await self.visits.of_provider(feed.provider_id, **shown, most=MOST_SHOWN)
        else:
            told = for_customer
            visits = await self.visits.of_customer(feed.user_id, **shown, most=MOST_SHOWN)
        entries = [told(visit, host=self.host, now=now) for visit in visits]
        return await self.calendars.write(entries, method=Method.PUBLISH, name=NAME)

    async def _behind(self, token: str) -> CalendarFeed:
        subject = self.signer.subject(PURPOSE, token) if TOKEN.fullmatch(token) else None
        feed = await self.feeds.open(UUID(subject)) if subject else None
        if feed is None:
            raise CalendarFeedNotFound
        return feed

    def _opened(self, feed: CalendarFeed) -> OpenFeed:
        return OpenFeed(feed, self.signer.token(PURPOSE, str(feed.id)))
