"""What messengers tell us."""

from fastapi import Request, Response

from app.api.answers import JSON, Answers
from app.api.deps import Anybody
from app.api.errors import problems
from app.api.routing import stem
from app.domain.gateway_events import GatewayUnknown
from app.domain.gateways import InvalidSignature, UnreadableNotice
from app.schemas.gateway_events import Received
from app.schemas.telegram import BotAnswer, bot_answer

router = stem("webhooks")
ANSWER = Answers(bot_answer)


@router.post(
    "/twilio",
    response_model=Received,
    responses=problems(GatewayUnknown, InvalidSignature, UnreadableNotice),
)
async def receive_twilio(guest: Anybody, request: Request) -> Response:
    """Take in how far a text message got, signed; each state once, however often it comes."""
    body = await request.body()
    async with guest.writing() as services:
        await services.text_reports.receive(dict(request.headers), body)
        return Response(b"{}", media_type=JSON)


@router.post(
    "/telegram",
    response_model=BotAnswer,
    responses=problems(GatewayUnknown, InvalidSignature),
)
async def receive_telegram(guest: Anybody, request: Request) -> Response:
    """Take in what somebody tells the bot, and answer what it says to that."""
    body = await request.body()
    async with guest.writing() as services:
        return ANSWER.ok(await services.telegram.receive(dict(request.headers), body))
