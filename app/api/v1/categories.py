"""The tree of categories that services are in."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import Anybody, CategoryManager, IdempotencyKey, IfMatch, IfNoneMatch
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden, PreconditionFailed
from app.core.listing import InvalidCursor
from app.domain.categories import (
    CategoryCycle,
    CategoryInUse,
    CategoryNotFound,
    SlugTaken,
    UnknownParent,
)
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.schemas.base import Listing, changes, listing
from app.schemas.categories import (
    CategoryCreate,
    CategoryQuery,
    CategoryRead,
    CategoryUpdate,
    category_read,
)

router = stem("categories")
CATEGORY = Answers(category_read)
CATEGORIES = Answers(listing(category_read))


@router.get(
    "",
    response_model=Listing[CategoryRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(CategoryQuery),
)
async def list_categories(guest: Anybody, request: Request) -> Response:
    """List the categories of the catalog."""
    query = queries.read(request, CategoryQuery)
    async with guest.reading() as services:
        page = await services.categories.list(query.wanted(), query.page())
    return CATEGORIES.ok(page)


@router.post(
    "",
    response_model=CategoryRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        Forbidden,
        SlugTaken,
        UnknownParent,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_category(
    visitor: CategoryManager, body: CategoryCreate, key: IdempotencyKey = None
) -> Response:
    """Add a category."""
    async with visitor.writing(key) as caller:
        category = await caller.services.categories.create(caller.actor, **changes(body))
        return await caller.answer(CATEGORY.created(category, at=f"{API}/categories/{category.id}"))


@router.get(
    "/{category_id}",
    response_model=CategoryRead,
    responses=problems(CategoryNotFound),
)
async def get_category(
    guest: Anybody, category_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one category."""
    async with guest.reading() as services:
        category = await services.categories.get(category_id)
    return CATEGORY.ok_or_unchanged(category, if_none_match)


@router.patch(
    "/{category_id}",
    response_model=CategoryRead,
    responses=problems(
        Forbidden,
        CategoryNotFound,
        SlugTaken,
        PreconditionFailed,
        UnknownParent,
        CategoryCycle,
    ),
)
async def update_category(
    visitor: CategoryManager, category_id: UUID, body: CategoryUpdate, if_match: IfMatch = None
) -> Response:
    """Change a category, or put it elsewhere in the tree."""
    async with visitor.writing() as caller:
        current = await caller.services.categories.lock(caller.actor, category_id)
        ensure_match(if_match, CATEGORY.body(current))
        changed = await caller.services.categories.change(caller.actor, current, changes(body))
    return CATEGORY.tagged(changed)


@router.delete(
    "/{category_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, CategoryNotFound, CategoryInUse, PreconditionFailed),
)
async def delete_category(
    visitor: CategoryManager, category_id: UUID, if_match: IfMatch = None
) -> Response:
    """Delete a category that has nothing in it."""
    async with visitor.writing() as caller:
        current = await caller.services.categories.lock(caller.actor, category_id)
        ensure_match(if_match, CATEGORY.body(current))
        await caller.services.categories.remove(caller.actor, current)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
