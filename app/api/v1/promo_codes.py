"""Promo codes: made, looked up, changed and ended by those who sell."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import IdempotencyKey, IfMatch, IfNoneMatch, Visitor
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden, PreconditionFailed
from app.core.listing import InvalidCursor
from app.domain.actors import SessionRequired
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.promo_codes import (
    PromoCodeNotFound,
    PromoCodeTaken,
    PromoEndsTooSoon,
    PromoScopeUnknown,
    PromoValueInvalid,
    UsedMoreOften,
)
from app.schemas.base import Listing, listing
from app.schemas.promo_codes import (
    PromoCodeCreate,
    PromoCodeQuery,
    PromoCodeRead,
    PromoCodeUpdate,
    promo_code_read,
)

router = stem("promo-codes")
CODE = Answers(promo_code_read)
CODES = Answers(listing(promo_code_read))


@router.get(
    "",
    response_model=Listing[PromoCodeRead],
    responses=problems(SessionRequired, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(PromoCodeQuery),
)
async def list_promo_codes(visitor: Visitor, request: Request) -> Response:
    """List one's promo codes with how often they are used; administrators see all."""
    query = queries.read(request, PromoCodeQuery)
    async with visitor.reading() as caller:
        page = await caller.services.promo_codes.list(caller.actor, query.wanted(), query.page())
    return CODES.ok(page)


@router.post(
    "",
    response_model=PromoCodeRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        SessionRequired,
        Forbidden,
        PromoCodeTaken,
        PromoScopeUnknown,
        PromoValueInvalid,
        PromoEndsTooSoon,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_promo_code(
    visitor: Visitor, body: PromoCodeCreate, key: IdempotencyKey = None
) -> Response:
    """Make a code for what one sells."""
    async with visitor.writing(key) as caller:
        code = await caller.services.promo_codes.add(caller.actor, body.draft())
        return await caller.answer(CODE.created(code, at=f"{API}/promo-codes/{code.id}"))


@router.get(
    "/{promo_code_id}",
    response_model=PromoCodeRead,
    responses=problems(SessionRequired, PromoCodeNotFound),
)
async def get_promo_code(
    visitor: Visitor, promo_code_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one promo code."""
    async with visitor.reading() as caller:
        code = await caller.services.promo_codes.get(caller.actor, promo_code_id)
    return CODE.ok_or_unchanged(code, if_none_match)


@router.patch(
    "/{promo_code_id}",
    response_model=PromoCodeRead,
    responses=problems(
        SessionRequired, PromoCodeNotFound, UsedMoreOften, PromoEndsTooSoon, PreconditionFailed
    ),
)
async def update_promo_code(
    visitor: Visitor, promo_code_id: UUID, body: PromoCodeUpdate, if_match: IfMatch = None
) -> Response:
    """Change when and how often a code may be used, or end it with `is_active: false`."""
    async with visitor.writing() as caller:
        current = await caller.services.promo_codes.lock(caller.actor, promo_code_id)
        ensure_match(if_match, CODE.body(current))
        code = await caller.services.promo_codes.change(caller.actor, promo_code_id, body.fields())
        return CODE.ok(code)
