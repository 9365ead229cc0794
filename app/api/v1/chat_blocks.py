"""Not wanting to hear from somebody."""

from uuid import UUID

from fastapi import Response, status

from app.api.deps import ChatWriter
from app.api.errors import problems
from app.api.routing import API, stem
from app.domain.conversations import ConversationNotFound, SupportNotBlockable

router = stem("conversations", prefix=f"{API}/conversations/{{conversation_id}}/block")
BLOCKING = (ConversationNotFound, SupportNotBlockable)


@router.post("", status_code=status.HTTP_204_NO_CONTENT, responses=problems(*BLOCKING))
async def block_participant(visitor: ChatWriter, conversation_id: UUID) -> Response:
    """Let the other person write nothing more, in this conversation or any other."""
    async with visitor.writing() as caller:
        await caller.services.chat_blocks.block(caller.actor, conversation_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, responses=problems(*BLOCKING))
async def unblock_participant(visitor: ChatWriter, conversation_id: UUID) -> Response:
    """Let the other person write again."""
    async with visitor.writing() as caller:
        await caller.services.chat_blocks.unblock(caller.actor, conversation_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
