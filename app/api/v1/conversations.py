"""Conversations: with whom one has business, or with support."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import ChatReader, ChatSupporter, ChatWriter, IfNoneMatch
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.bookings import BookingNotFound
from app.domain.chat_messages import ChatMessageNotFound
from app.domain.conversations import (
    Blocked,
    ConversationNotFound,
    NobodyToAsk,
    NotSupport,
    TalkingToOneself,
    UnblockFirst,
)
from app.domain.events import EventNotFound
from app.domain.limits import RateLimited
from app.domain.offerings import OfferingNotFound
from app.domain.providers import ProviderNotFound
from app.schemas.base import Listing, listing
from app.schemas.conversations import (
    Assignment,
    ConversationOpen,
    ConversationQuery,
    ConversationRead,
    ReadMark,
    conversation_read,
)

router = stem("conversations")
CONVERSATION = Answers(conversation_read)
CONVERSATIONS = Answers(listing(conversation_read))


@router.get(
    "",
    response_model=Listing[ConversationRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ConversationQuery),
)
async def list_conversations(visitor: ChatReader, request: Request) -> Response:
    """List one's conversations, or with `scope=support` those that customers have with it."""
    query = queries.read(request, ConversationQuery)
    async with visitor.reading() as caller:
        page = await caller.services.conversations.list(
            caller.actor, query.scope, query.wanted(), query.page()
        )
    return CONVERSATIONS.ok(page)


@router.post(
    "",
    response_model=ConversationRead,
    status_code=status.HTTP_201_CREATED,
    responses={
        status.HTTP_200_OK: {"model": ConversationRead, "description": "It was there already"},
        **problems(
            Forbidden,
            Blocked,
            BookingNotFound,
            EventNotFound,
            OfferingNotFound,
            ProviderNotFound,
            NobodyToAsk,
            TalkingToOneself,
            UnblockFirst,
            RateLimited,
        ),
    },
)
async def open_conversation(visitor: ChatWriter, body: ConversationOpen) -> Response:
    """Begin to talk, about a booking, an event or a service, or with support.

    There is one for each two people and thing: asked for again, it is the same. A `message` is
    said in it at once.
    """
    async with visitor.writing() as caller:
        entry, is_new = await caller.services.chat_openings.open(
            caller.actor, body.topic(), text=body.message
        )
    if not is_new:
        return CONVERSATION.ok(entry)
    return CONVERSATION.created(entry, at=f"{API}/conversations/{entry.conversation.id}")


@router.get(
    "/{conversation_id}",
    response_model=ConversationRead,
    responses=problems(ConversationNotFound),
)
async def get_conversation(
    visitor: ChatReader, conversation_id: UUID, known: IfNoneMatch = None
) -> Response:
    """Show a conversation, and how far each side has read."""
    async with visitor.reading() as caller:
        entry = await caller.services.conversations.get(caller.actor, conversation_id)
    return CONVERSATION.ok_or_unchanged(entry, known)


@router.post(
    "/{conversation_id}/read",
    response_model=ConversationRead,
    responses=problems(ConversationNotFound, ChatMessageNotFound),
)
async def mark_read(
    visitor: ChatWriter, conversation_id: UUID, body: ReadMark | None = None
) -> Response:
    """Say that one has read up to a message, or all there are; it is never taken back."""
    async with visitor.writing() as caller:
        entry = await caller.services.read_marks.move(
            caller.actor, conversation_id, up_to=body.message_id if body else None
        )
    return CONVERSATION.ok(entry)


@router.post(
    "/{conversation_id}/assign",
    response_model=ConversationRead,
    responses=problems(Forbidden, ConversationNotFound, NotSupport),
)
async def assign_conversation(
    visitor: ChatSupporter, conversation_id: UUID, body: Assignment
) -> Response:
    """Say who answers a customer for support."""
    async with visitor.writing() as caller:
        entry = await caller.services.conversations.assign(
            caller.actor, conversation_id, body.user_id
        )
    return CONVERSATION.ok(entry)
