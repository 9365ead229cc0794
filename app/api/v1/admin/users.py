"""Accounts, for those who look after them."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import IdempotencyKey, IfMatch, IfNoneMatch, UserManager, UserReader
from app.api.errors import locale_of, problems, status_of
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden, PreconditionFailed
from app.core.i18n import Locale, translate
from app.core.listing import InvalidCursor
from app.domain.accounts import (
    AccountPending,
    CustomerStays,
    EmailTaken,
    LastSuperAdmin,
    Outcome,
    OwnAccount,
    PermissionsOfStaff,
    UserNotFound,
)
from app.domain.actors import StepUpRequired
from app.domain.bookings import HasBookings
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.passwords import WeakPassword
from app.domain.users import UsernameTaken
from app.schemas.admin_users import (
    AdminUserCreate,
    AdminUserQuery,
    AdminUserRead,
    AdminUserUpdate,
    BulkChange,
    BulkRead,
    BulkResult,
    admin_user_read,
    bulk_read,
)
from app.schemas.base import Listing, changes, listing

PREFIX = f"{API}/admin/users"
router = stem("admin-users", prefix=PREFIX)
USER = Answers(admin_user_read)
USERS = Answers(listing(admin_user_read))
RESULTS = Answers(bulk_read)


@router.get(
    "",
    response_model=Listing[AdminUserRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(AdminUserQuery),
)
async def list_accounts(visitor: UserReader, request: Request) -> Response:
    """List accounts, the newest first."""
    query = queries.read(request, AdminUserQuery)
    async with visitor.reading() as caller:
        page = await caller.services.accounts.list(caller.actor, query.wanted(), query.page())
    return USERS.ok(page)


@router.post(
    "",
    response_model=AdminUserRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        Forbidden,
        StepUpRequired,
        EmailTaken,
        UsernameTaken,
        WeakPassword,
        PermissionsOfStaff,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_account(
    visitor: UserManager, body: AdminUserCreate, key: IdempotencyKey = None
) -> Response:
    """Make an account for somebody; without a password they get a letter to choose one."""
    wanted = body.account()
    async with visitor.writing() as caller:  # ends before the effect begins: hashing takes long
        hashed = await caller.services.enrolment.hashed(caller.actor, wanted)
    async with visitor.writing(key) as caller:
        user = await caller.services.enrolment.enrol(caller.actor, wanted, password_hash=hashed)
        return await caller.answer(USER.created(user, at=f"{PREFIX}/{user.id}"))


@router.post(
    "/bulk",
    response_model=BulkRead,
    responses=problems(Forbidden, StepUpRequired, CustomerStays),
)
async def change_accounts(visitor: UserManager, body: BulkChange) -> Response:
    """Activate or deactivate many accounts, or give or take a role; tell what became of each."""
    locale = locale_of(visitor.request.scope)
    async with visitor.writing() as caller:
        outcomes = await caller.services.accounts.change_all(
            caller.actor, body.ids, body.action, body.role
        )
    return RESULTS.ok([_result(outcome, locale) for outcome in outcomes])


@router.get(
    "/{user_id}",
    response_model=AdminUserRead,
    responses=problems(Forbidden, UserNotFound),
)
async def get_account(
    visitor: UserReader, user_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one account."""
    async with visitor.reading() as caller:
        user = await caller.services.accounts.get(caller.actor, user_id)
    return USER.ok_or_unchanged(user, if_none_match)


@router.patch(
    "/{user_id}",
    response_model=AdminUserRead,
    responses=problems(
        Forbidden,
        StepUpRequired,
        UserNotFound,
        UsernameTaken,
        AccountPending,
        OwnAccount,
        LastSuperAdmin,
        PreconditionFailed,
        PermissionsOfStaff,
    ),
)
async def update_account(
    visitor: UserManager, user_id: UUID, body: AdminUserUpdate, if_match: IfMatch = None
) -> Response:
    """Change an account: names, roles, single permissions, or whether it can be used."""
    given = changes(body)
    async with visitor.writing() as caller:
        current = await caller.services.accounts.lock(caller.actor, user_id, changing=given)
        ensure_match(if_match, USER.body(current))
        changed = await caller.services.accounts.change(caller.actor, current, given)
    return USER.tagged(changed)


@router.delete(
    "/{user_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(
        Forbidden,
        StepUpRequired,
        UserNotFound,
        OwnAccount,
        LastSuperAdmin,
        HasBookings,
        PreconditionFailed,
    ),
)
async def delete_account(visitor: UserManager, user_id: UUID, if_match: IfMatch = None) -> Response:
    """Erase all that is personal of an account; the books stay, without a name."""
    async with visitor.writing() as caller:
        current = await caller.services.removal.lock(caller.actor, user_id)
        ensure_match(if_match, USER.body(current))
        await caller.services.removal.erase(caller.actor, current)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _result(outcome: Outcome, locale: Locale) -> BulkResult:
    refusal = outcome.refusal
    if refusal is None:
        return {"id": outcome.user_id, "ok": True}
    return {
        "id": outcome.user_id,
        "ok": False,
        "problem": {
            "type": f"/problems/{refusal.code}",
            "title": translate(refusal.title, locale),
            "status": int(status_of(type(refusal))),
            "detail": translate(refusal.detail, locale),
            "code": refusal.code,
        },
    }
