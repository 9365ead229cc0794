"""Every statement about private addresses to subscribe to."""

from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, Uuid, and_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.calendar_feeds import CalendarFeed, FeedFilter, FeedSort
from app.domain.users import UserStatus
from app.models import CalendarFeeds, Providers, Users
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(CalendarFeeds, CalendarFeed)
USER: Final = bindparam("user_id", type_=Uuid)
ID: Final = bindparam("id", type_=Uuid)

ADD: Final = Command(
    insert(CalendarFeeds).values(parameters(CalendarFeeds, CalendarFeed)).on_conflict_do_nothing()
)
OF_USER: Final = Query(
    select(*COLUMNS).where(
        CalendarFeeds.user_id == USER,
        CalendarFeeds.provider_id.is_(None) == bindparam("of_bookings", type_=Boolean),
    ),
    CalendarFeed,
)
# Of an account that is in use, and of the provider it still is.
OPEN: Final = Query(
    select(*COLUMNS)
    .join(Users, and_(Users.id == CalendarFeeds.user_id, Users.status == UserStatus.ACTIVE))
    .outerjoin(Providers, Providers.id == CalendarFeeds.provider_id)
    .where(
        CalendarFeeds.id == ID,
        or_(CalendarFeeds.provider_id.is_(None), Providers.user_id == CalendarFeeds.user_id),
    ),
    CalendarFeed,
)
REMOVE: Final = Command(
    delete(CalendarFeeds).where(CalendarFeeds.id == ID, CalendarFeeds.user_id == USER)
)
MATCHING: Final = Listing(
    CalendarFeeds,
    CalendarFeed,
    filters={"user_id": CalendarFeeds.user_id == USER},
    sorts={"created_at": CalendarFeeds.created_at},
)


class CalendarFeedRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, feed: CalendarFeed) -> bool:
        """Insert it; False when its owner has one of that kind."""
        return await self.connection.run(ADD, **values(feed)) == 1

    async def like(self, feed: CalendarFeed) -> CalendarFeed | None:
        """Return the one of that owner and kind."""
        return await self.connection.first(
            OF_USER, user_id=feed.user_id, of_bookings=feed.provider_id is None
        )

    async def open(self, feed_id: UUID) -> CalendarFeed | None:
        """Return it, if its owner may still read it."""
        return await self.connection.first(OPEN, id=feed_id)

    async def remove(self, feed_id: UUID, *, user_id: UUID) -> bool:
        return await self.connection.run(REMOVE, id=feed_id, user_id=user_id) == 1

    async def matching(
        self, wanted: FeedFilter, request: PageRequest[FeedSort]
    ) -> Page[CalendarFeed]:
        return await MATCHING.page(self.connection, wanted, request)
