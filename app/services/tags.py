"""Finding the words that services are tagged with."""

from app.core.listing import Page, PageRequest
from app.domain.tags import TagCount, TagFilter, TagSort
from app.repositories.tags import TagRepository


class TagService:
    def __init__(self, tags: TagRepository) -> None:
        self.tags = tags

    async def list(self, wanted: TagFilter, request: PageRequest[TagSort]) -> Page[TagCount]:
        return await self.tags.matching(wanted, request)
