"""What is written in a conversation."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import ChatReader, ChatWriter
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.listing import InvalidCursor
from app.domain.chat_messages import (
    ChatMessageNotFound,
    MessageDeleted,
    NotYourMessage,
    TooLateToEdit,
)
from app.domain.conversations import Blocked, ConversationNotFound, NobodyToAsk, UnblockFirst
from app.domain.files import FileNotFound
from app.domain.limits import RateLimited
from app.schemas.base import Listing, listing
from app.schemas.chat_messages import (
    ChatMessageEdit,
    ChatMessageQuery,
    ChatMessageRead,
    ChatMessageSend,
    chat_message_read,
)

router = stem("conversations", prefix=f"{API}/conversations/{{conversation_id}}/messages")
MESSAGE = Answers(chat_message_read)
MESSAGES = Answers(listing(chat_message_read))
WRITING = (ConversationNotFound, Blocked, UnblockFirst, NobodyToAsk, RateLimited)


@router.get(
    "",
    response_model=Listing[ChatMessageRead],
    responses=problems(ConversationNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ChatMessageQuery),
)
async def list_messages(visitor: ChatReader, conversation_id: UUID, request: Request) -> Response:
    """List what was written, the newest first, or with `sort=seq` from the beginning."""
    query = queries.read(request, ChatMessageQuery)
    async with visitor.reading() as caller:
        page = await caller.services.chat_messages.list(
            caller.actor, query.wanted(conversation_id), query.page()
        )
    return MESSAGES.ok(page)


@router.post(
    "",
    response_model=ChatMessageRead,
    status_code=status.HTTP_201_CREATED,
    responses={
        status.HTTP_200_OK: {"model": ChatMessageRead, "description": "It was sent already"},
        **problems(*WRITING, FileNotFound),
    },
)
async def send_message(
    visitor: ChatWriter, conversation_id: UUID, body: ChatMessageSend
) -> Response:
    """Write something; sent again under the same `client_id`, it is the same message."""
    async with visitor.writing() as caller:
        message, is_new = await caller.services.chat_messages.send(
            caller.actor, conversation_id, body.draft()
        )
    return MESSAGE.created(message) if is_new else MESSAGE.ok(message)


@router.patch(
    "/{message_id}",
    response_model=ChatMessageRead,
    responses=problems(
        *WRITING, ChatMessageNotFound, NotYourMessage, MessageDeleted, TooLateToEdit
    ),
)
async def edit_message(
    visitor: ChatWriter, conversation_id: UUID, message_id: UUID, body: ChatMessageEdit
) -> Response:
    """Say it in other words, within a quarter of an hour; that it was edited is shown."""
    async with visitor.writing() as caller:
        message = await caller.services.chat_messages.edit(
            caller.actor, conversation_id, message_id, body.text
        )
    return MESSAGE.ok(message)


@router.delete(
    "/{message_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(ConversationNotFound, ChatMessageNotFound, NotYourMessage, MessageDeleted),
)
async def delete_message(visitor: ChatWriter, conversation_id: UUID, message_id: UUID) -> Response:
    """Take back what one wrote: its words are gone for everybody, its place stays."""
    async with visitor.writing() as caller:
        await caller.services.chat_messages.delete(caller.actor, conversation_id, message_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
