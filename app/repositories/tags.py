"""Every statement about tags; they live in the services that have them."""

from typing import Final

from sqlalchemy import String, bindparam, column, func, select

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.domain.offerings import OfferingStatus
from app.domain.tags import TagCount, TagFilter, TagSort
from app.models import Offerings
from app.repositories.base import Listing

TAG: Final = (
    func.unnest(Offerings.tags)
    .table_valued(column("name", String(40)), name="tag")
    .render_derived()
    .lateral()
)
COUNTED: Final = (
    select(TAG.c.name, func.count().label("count"))
    .select_from(Offerings)
    .join(TAG, Offerings.status == OfferingStatus.ACTIVE)
    .group_by(TAG.c.name)
    .subquery("tags")
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
