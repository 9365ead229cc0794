"""Every statement about tags; they live in the services and events that have them."""

from typing import Any, Final

from sqlalchemy import String, bindparam, column, func, select, union_all

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.domain.events import EventStatus
from app.domain.offerings import OfferingStatus
from app.domain.tags import TagCount, TagFilter, TagSort
from app.models import Events, Offerings
from app.repositories.base import Listing


def _each(tags: Any) -> Any:
    return func.unnest(tags).table_valued(column("name", String(40))).render_derived().lateral()


OF_OFFERINGS: Final = _each(Offerings.tags)
OF_EVENTS: Final = _each(Events.tags)
USED: Final = union_all(
    select(OF_OFFERINGS.c.name)
    .select_from(Offerings)
    .join(OF_OFFERINGS, Offerings.status == OfferingStatus.ACTIVE),
    select(OF_EVENTS.c.name)
    .select_from(Events)
    .join(OF_EVENTS, Events.status == EventStatus.PUBLISHED),
).subquery("used")
COUNTED: Final = (
    select(USED.c.name, func.count().label("count")).group_by(USED.c.name).subquery("tags")
)
MATCHING: Final = Listing(
    COUNTED,
    TagCount,
    unique=COUNTED.c.name,
    filters={"prefix": func.starts_with(COUNTED.c.name, bindparam("prefix", type_=String(40)))},
    sorts={"name": COUNTED.c.name, "count": COUNTED.c.count},
)


class TagRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def matching(self, wanted: TagFilter, request: PageRequest[TagSort]) -> Page[TagCount]:
        return await MATCHING.page(self.connection, wanted, request)
