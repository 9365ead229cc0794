"""What can be booked; offerings, everywhere below."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import IdempotencyKey, IfMatch, IfNoneMatch, Looker, ServiceWriter
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden, PreconditionFailed
from app.core.listing import InvalidCursor, Page
from app.domain.bookings import HasBookings
from app.domain.deposits import DepositExceedsPrice, DepositInOtherCurrency, DepositOfNothing
from app.domain.fees import NoShowFeeInOtherCurrency
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.offerings import (
    CatalogEntry,
    OfferingNotFound,
    OwnPricesStand,
    PriceContradictsPayment,
    UnknownCategory,
)
from app.domain.staffing import CurrencyMismatch, ProviderTwice, UnknownProvider
from app.schemas.base import Listing, listing
from app.schemas.offerings import (
    ServiceCreate,
    ServiceDetailRead,
    ServiceProvidersPut,
    ServiceQuery,
    ServiceRead,
    ServiceUpdate,
    service_detail_read,
    service_read,
)

router = stem("services")
SERVICE = Answers(service_detail_read)
SERVICES: Answers[Page[CatalogEntry]] = Answers(listing(service_read))


@router.get(
    "",
    response_model=Listing[ServiceRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ServiceQuery),
)
async def list_services(looker: Looker, request: Request) -> Response:
    """Search the services that can be booked."""
    query = queries.read(request, ServiceQuery)
    async with looker.reading() as (actor, services):
        page = await services.offerings.list(actor, query.wanted(), query.page(), mine=query.mine)
    return SERVICES.ok(page)


@router.post(
    "",
    response_model=ServiceDetailRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        Forbidden,
        UnknownCategory,
        PriceContradictsPayment,
        DepositExceedsPrice,
        DepositInOtherCurrency,
        NoShowFeeInOtherCurrency,
        DepositOfNothing,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_service(
    visitor: ServiceWriter, body: ServiceCreate, key: IdempotencyKey = None
) -> Response:
    """Offer a service; a provider who does so performs it."""
    async with visitor.writing(key) as caller:
        item = await caller.services.offerings.create(caller.actor, body.fields())
        return await caller.answer(SERVICE.created(item, at=f"{API}/services/{item.id}"))


@router.get(
    "/{service_id}",
    response_model=ServiceDetailRead,
    responses=problems(OfferingNotFound),
)
async def get_service(
    looker: Looker, service_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one service, with the providers who can be booked for it."""
    async with looker.reading() as (actor, services):
        item = await services.offerings.get(actor, service_id)
    return SERVICE.ok_or_unchanged(item, if_none_match)


@router.patch(
    "/{service_id}",
    response_model=ServiceDetailRead,
    responses=problems(
        Forbidden,
        OfferingNotFound,
        OwnPricesStand,
        PreconditionFailed,
        UnknownCategory,
        PriceContradictsPayment,
        DepositExceedsPrice,
        DepositInOtherCurrency,
        NoShowFeeInOtherCurrency,
        DepositOfNothing,
    ),
)
async def update_service(
    visitor: ServiceWriter, service_id: UUID, body: ServiceUpdate, if_match: IfMatch = None
) -> Response:
    """Change a service; what was booked before keeps its terms."""
    async with visitor.writing() as caller:
        current = await caller.services.offerings.lock(caller.actor, service_id)
        ensure_match(if_match, SERVICE.body(current))
        item = await caller.services.offerings.change(caller.actor, current, body.fields())
    return SERVICE.tagged(item)


@router.put(
    "/{service_id}/providers",
    response_model=ServiceDetailRead,
    responses=problems(
        Forbidden,
        OfferingNotFound,
        PreconditionFailed,
        UnknownProvider,
        ProviderTwice,
        CurrencyMismatch,
        PriceContradictsPayment,
    ),
)
async def put_service_providers(
    visitor: ServiceWriter, service_id: UUID, body: ServiceProvidersPut, if_match: IfMatch = None
) -> Response:
    """Say who performs a service: an administrator everybody, its own provider themselves."""
    async with visitor.writing() as caller:
        current = await caller.services.offerings.lock(caller.actor, service_id)
        ensure_match(if_match, SERVICE.body(current))
        item = await caller.services.offerings.staff(caller.actor, current, body.named())
    return SERVICE.tagged(item)


@router.delete(
    "/{service_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, OfferingNotFound, HasBookings, PreconditionFailed),
)
async def delete_service(
    visitor: ServiceWriter, service_id: UUID, if_match: IfMatch = None
) -> Response:
    """Delete a service that was never booked."""
    async with visitor.writing() as caller:
        current = await caller.services.offerings.lock(caller.actor, service_id)
        ensure_match(if_match, SERVICE.body(current))
        await caller.services.offerings.remove(caller.actor, current)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
