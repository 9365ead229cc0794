"""Paying into one's own wallet."""

from fastapi import Response, status

from app.api.deps import IdempotencyKey, Visitor
from app.api.errors import problems
from app.api.routing import API, stem
from app.api.v1.payments import asked
from app.domain.actors import SessionRequired
from app.domain.gateways import GatewayUnavailable
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.payments import MethodUnavailable
from app.domain.top_ups import TopUpOutOfBounds
from app.schemas.payments import PaymentRead
from app.schemas.top_ups import TopUpCreate

router = stem("top-ups", prefix=f"{API}/wallet/top-ups")


@router.post(
    "",
    response_model=PaymentRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        SessionRequired,
        TopUpOutOfBounds,
        MethodUnavailable,
        GatewayUnavailable,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_top_up(
    visitor: Visitor, body: TopUpCreate, key: IdempotencyKey = None
) -> Response:
    """Pay into one's own wallet, by card or at FreedomPay.

    It waits for the customer as any payment does; the money is in the wallet once it succeeded.
    """
    wanted = body.wanted()
    return await asked(
        visitor, lambda caller: caller.services.top_ups.open(caller.actor, wanted, key=key), key
    )
