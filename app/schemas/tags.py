"""Tags as the API shows them."""

from typing import Annotated

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.tags import TagCount, TagFilter, TagSort
from app.schemas.base import Line, ListQuery

Tag = Annotated[
    Line, AfterValidator(str.lower), Field(min_length=1, max_length=40, examples=["beard"])
]
"""A tag, in lower case however it is given."""


class TagRead(TypedDict):
    name: Annotated[str, Field(examples=["beard"])]
    count: Annotated[int, Field(examples=[3])]


def tag_read(tag: TagCount) -> TagRead:
    return {"name": tag.name, "count": tag.count}


class TagQuery(ListQuery):
    q: Tag | None = None
    """What the tag begins with."""
    sort: TagSort = TagSort.NAME

    def wanted(self) -> TagFilter:
        return TagFilter(self.q)

    def page(self) -> PageRequest[TagSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
