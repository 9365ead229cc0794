"""What payment gateways tell us."""

from typing import Any

from fastapi import Request, Response

from app.api.deps import Anybody
from app.api.errors import problems
from app.api.routing import stem
from app.domain.gateway_events import GatewayUnknown
from app.domain.gateways import InvalidSignature, UnreadableNotice
from app.domain.payments import GatewayName
from app.schemas.gateway_events import Received

router = stem("webhooks")


class Xml(Response):
    media_type = "application/xml"


ANSWER: dict[str, Any] = {
    "description": "A signed answer: `pg_status` is `ok`, `rejected` or `error`.",
    "content": {"application/xml": {"schema": {"type": "string", "format": "binary"}}},
}
REFUSED = problems(GatewayUnknown, InvalidSignature, UnreadableNotice)


@router.post("/stripe", response_model=Received, responses=REFUSED)
async def receive_stripe(guest: Anybody, request: Request) -> Response:
    """Take in an event of Stripe, signed; once, however often it comes."""
    return await _receive(guest, GatewayName.STRIPE, "stripe", request)


@router.post(
    "/freedompay/check",
    response_class=Xml,
    response_model=None,
    responses={200: ANSWER, **REFUSED},
)
async def receive_freedompay_check(guest: Anybody, request: Request) -> Response:
    """Tell FreedomPay, which asks, signed, whether a payment is still welcome."""
    return await _receive(guest, GatewayName.FREEDOMPAY, "check", request)


@router.post(
    "/freedompay/result",
    response_class=Xml,
    response_model=None,
    responses={200: ANSWER, **REFUSED},
)
async def receive_freedompay_result(guest: Anybody, request: Request) -> Response:
    """Take in the result of a payment at FreedomPay, signed; once, however often it comes."""
    return await _receive(guest, GatewayName.FREEDOMPAY, "result", request)


@router.post("/sandbox", response_model=Received, responses=REFUSED)
async def receive_sandbox(guest: Anybody, request: Request) -> Response:
    """Take in a notice of the sandbox, signed; in production there is none."""
    return await _receive(guest, GatewayName.SANDBOX, "sandbox", request)


async def _receive(guest: Anybody, name: GatewayName, target: str, request: Request) -> Response:
    body = await request.body()
    async with guest.writing() as services:
        content, kind = await services.gateway_events.receive(
            name, target, dict(request.headers), body
        )
    return Response(content, media_type=kind)
