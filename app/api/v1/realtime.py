"""Being told at once: a ticket, the socket it opens, and the same as Server-Sent Events."""

from typing import Annotated

from fastapi import Header, Query, Request, Response, status
from starlette.routing import WebSocketRoute

from app.api.answers import Answers
from app.api.deps import Visitor, is_named, session_of
from app.api.errors import problems
from app.api.realtime.admission import ensure_own, with_session, with_ticket
from app.api.realtime.sockets import Socket
from app.api.realtime.streams import EventStream
from app.api.routing import API, stem
from app.bootstrap import Doors
from app.core.errors import Unauthenticated
from app.core.tokens import Claims
from app.domain.realtime import Admitted
from app.schemas.realtime import RealtimeTicketRead, realtime_ticket_read

router = stem("realtime")
TICKET = Answers(realtime_ticket_read)


@router.post(
    "/ticket",
    response_model=RealtimeTicketRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(),
)
async def create_realtime_ticket(visitor: Visitor) -> Response:
    """Return what opens one connection, within a minute.

    Open `wss://.../api/v1/realtime?ticket=...` with it. What happens from now on is told there,
    also what happens before it is open: ask for a ticket, fetch what you show, then connect.

    **What you are told** are frames `{"id", "type", "data"}` of the types `notification`,
    `message`, `read`, `booking`, `typing` and `presence`, in the same order on each of your
    connections; take no offence at types that are added. A `booking` has fields of the
    booking and `change`, what happened to it; a `notification`, a `message` and a `read`
    are as in their own operations. What has no `id` (`typing`, `presence`) is told to who is there
    and never again.

    **When the connection is lost**, ask for another ticket and open it with
    `&last_event_id=` the last `id` you got: all that you missed is told, once and in order, for up
    to an hour. A frame `reset` comes first where that can't be promised: fetch what you show.

    **What you may say** are frames `{"type", "data"}`: `typing` with `{conversation_id}`;
    `presence` with `{online}`, of which those you talk with are told, and which is good for a
    minute unless you say it again; and `ping`, which is answered `pong`. What is refused is told
    in a frame `error` with `{code, title}`. Frames are JSON of up to 64 kB, 20 a second.

    **Closed** with 1008 when the session has ended or you said too much, 1013 when you read too
    slowly (resume), 1012 when the server starts anew (resume, a moment later), 1007 for what is no
    JSON, 1009 for what is too long. A refused connection is answered with a problem.

    **Without sockets**, `GET /api/v1/realtime/events` streams the same as Server-Sent Events, by
    `?ticket=` or by the bearer token; `Last-Event-ID` or `?last_event_id=` resumes.
    """
    async with visitor.writing() as caller:
        return TICKET.created(await caller.services.realtime_tickets.issue(caller.actor))


@router.get(
    "/events",
    response_model=None,
    include_in_schema=False,  # whatever reads the document expects answers to end
)
async def stream_events(
    request: Request,
    ticket: Annotated[
        str | None, Query(max_length=200, description="Of POST /realtime/ticket.")
    ] = None,
    last_event_id: Annotated[
        str | None, Query(max_length=100, description="As the header of that name.")
    ] = None,
    last_event: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            max_length=100,
            description="The last id you got; what came after it is told first.",
        ),
    ] = None,
) -> Response:
    """Stream what happens, as Server-Sent Events.

    The same frames as on the socket, for those who can't use one; by a ticket, or by the bearer
    token of a session.
    """
    who = await _who(request, ticket)
    is_head = request.scope.get("is_head", False)
    return EventStream(who, last=last_event or last_event_id, is_head=is_head)


async def _who(request: Request, ticket: str | None) -> Admitted:
    doors: Doors = request.state.doors
    if ticket is not None and not is_named(request):
        ensure_own(request)
        return await with_ticket(doors, ticket)
    credential = session_of(request).credential
    if not isinstance(credential, Claims):  # an API key has no session to end with
        raise Unauthenticated
    return await with_session(doors, credential)


router.routes.append(WebSocketRoute(f"{API}/realtime", Socket()))
