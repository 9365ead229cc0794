"""What a client says on its socket: a frame `{type, data}`, handled by whom its type belongs to.

`@receives("typing", TypingSaid)` makes `async def type_(actor, said, services)` the handler of a
type: one call to a service, in a transaction of its own. What it refuses is told the client in a
frame of type `error`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson
import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from app.api.errors import CRASHED, INVALID
from app.api.json import MalformedJson, parsed
from app.api.realtime.hub import Close, Connection, Told, unkept
from app.bootstrap import Doors, Services
from app.core.errors import AppError, NotFound, Unauthenticated
from app.core.i18n import Locale, translate
from app.domain.actors import Actor
from app.schemas.base import Request
from app.schemas.realtime import Envelope

Said = TypeVar("Said", bound=Request)
Handler = Callable[[Actor, Said, Services], Awaitable[None]]
ERROR: Final = "error"
PONG: Final = "pong"
log = structlog.get_logger("banister.realtime")


class UnknownFrame(NotFound):
    """Nothing here takes a frame of that type."""


@dataclass(frozen=True, slots=True)
class Receiver:
    schema: type[Request]
    handler: Handler[Any]


RECEIVERS: Final[dict[str, Receiver]] = {}


def receives(type_: str, schema: type[Said]) -> Callable[[Handler[Said]], Handler[Said]]:
    """Let the decorated handler take frames of that type, their data read by the schema."""

    def register(handler: Handler[Said]) -> Handler[Said]:
        RECEIVERS[type_] = Receiver(schema, handler)
        return handler

    return register


async def hear(text: str, connection: Connection, doors: Doors, locale: Locale) -> None:
    """Do what a client asked for, or tell it why not; end the connection for what is no JSON."""
    try:
        document = parsed(text.encode())
    except (MalformedJson, UnicodeEncodeError):
        return connection.end(Close.NOT_JSON)
    except RequestValidationError:  # too deep, too wide, or no Unicode
        return connection.end(Close.NOT_JSON)
    try:
        envelope = Envelope.model_validate(document)
        if envelope.type in ("ping", PONG):
            if envelope.type == "ping":
                connection.put(unkept(PONG, "{}"))
            return
        await _handle(envelope, connection, doors)
    except ValidationError:
        connection.put(refusal(*INVALID, locale))
    except Unauthenticated:
        connection.end(Close.POLICY)
    except AppError as error:
        connection.put(refusal(error.code, error.title, locale))
    except Exception:
        log.exception("frame failed")
        connection.put(refusal(*CRASHED, locale))


async def _handle(envelope: Envelope, connection: Connection, doors: Doors) -> None:
    receiver = RECEIVERS.get(envelope.type)
    if receiver is None:
        raise UnknownFrame
    said = receiver.schema.model_validate(envelope.data)

    async def use_case(services: Services) -> None:
        actor = await services.sessions.actor(connection.session_id, user_id=connection.user_id)
        await receiver.handler(actor, said, services)

    await doors.perform(use_case)


def refusal(code: str, title: str, locale: Locale) -> Told:
    """Return the frame that tells what was refused."""
    told = {"code": code, "title": translate(title, locale)}
    return unkept(ERROR, orjson.dumps(told).decode())
