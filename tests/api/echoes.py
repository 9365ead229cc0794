"""A stem that only tests have: every convention of the API on it, and faults on demand."""

from typing import Annotated, Any

from fastapi import Form, Response
from pydantic import Field
from typing_extensions import TypedDict

from app.api import queries
from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import Anybody, IdempotencyKey, IfMatch, IfNoneMatch, Looker, Visitor
from app.api.errors import problems
from app.api.routing import stem
from app.core.ids import new_id
from app.domain.bookings import BookingMade, SlotUnavailable
from app.repositories.jobs import JobRepository
from app.schemas.base import Flag, Id, Instant, Line, ListQuery, MoneyGiven, Request, Whole, Zone


class EchoCreate(Request):
    text: Annotated[Line, Field(min_length=1, max_length=20, examples=["hello"])]
    count: Annotated[Whole, Field(ge=1, le=5, examples=[1])] = 1
    loud: Flag = False
    at: Instant | None = None
    zone: Zone | None = None
    price: MoneyGiven | None = None
    extra: dict[str, Any] | None = None


class EchoRead(TypedDict):
    text: Annotated[str, Field(examples=["hello"])]
    count: Annotated[int, Field(examples=[1])]


class EchoQuery(ListQuery):
    q: Annotated[Line, Field(max_length=20, examples=["hello"])] | None = None
    before: Instant | None = None


def echo_read(echo: tuple[str, int]) -> EchoRead:
    text, count = echo
    return {"text": text, "count": count}


router = stem("echoes")
ECHO = Answers(echo_read)


@router.post("", response_model=EchoRead, status_code=201, responses=problems(SlotUnavailable))
async def create_echo(visitor: Visitor, body: EchoCreate, key: IdempotencyKey = None) -> Response:
    """Announce one message: an effect that can be counted."""
    async with visitor.writing(key) as caller:
        await JobRepository(caller.services._connection).announce(BookingMade(new_id()))
        if body.text == "crash":
            raise ZeroDivisionError("the canary sings")
        if body.text == "refuse":
            raise SlotUnavailable(alternatives=[body.at])
        echo = ECHO.created((body.text, body.count), at=f"/api/v1/echoes/{new_id()}")
        return await caller.answer(echo)


@router.get("", response_model=EchoRead, openapi_extra=queries.documented(EchoQuery))
async def list_echoes(_: Anybody, request: queries.Request) -> Response:
    """Answer with what was looked for."""
    query = queries.read(request, EchoQuery)
    return ECHO.ok((query.q or "", query.limit))


@router.post("/open", response_model=EchoRead)
async def create_open_echo(_: Anybody, body: EchoCreate) -> Response:
    """Answer with what was sent, to anybody."""
    return ECHO.ok((body.text, body.count))


@router.post("/form", response_model=EchoRead)
async def create_form_echo(text: Annotated[str, Form(max_length=20)]) -> Response:
    """Answer with what was sent in a form."""
    return ECHO.ok((text, 1))


@router.get("/crash", response_model=EchoRead)
async def get_crash() -> Response:
    """Break, with a secret in the message."""
    raise ZeroDivisionError("the canary sings")


@router.get("/looked", response_model=EchoRead)
async def get_looked(looker: Looker) -> Response:
    """Tell whether somebody is signed in."""
    async with looker.reading() as (actor, _):
        return ECHO.ok(("nobody" if actor is None else "somebody", 1))


@router.get("/{echo_id}", response_model=EchoRead)
async def get_echo(echo_id: Id, if_none_match: IfNoneMatch = None) -> Response:
    """Answer with a thing that never changes."""
    return ECHO.ok_or_unchanged(("still", 1), if_none_match)


@router.patch("/{echo_id}", response_model=EchoRead)
async def update_echo(echo_id: Id, if_match: IfMatch = None) -> Response:
    """Change nothing, if it is what you think it is."""
    ensure_match(if_match, ECHO.body(("still", 1)))
    return ECHO.tagged(("still", 1))
