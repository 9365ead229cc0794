"""People who write to one another."""

from datetime import timedelta
from functools import cached_property

from app.bootstrap.filing import FileServices
from app.bootstrap.paying import PaymentServices
from app.repositories.chat_blocks import ChatBlockRepository
from app.repositories.chat_messages import ChatMessageRepository
from app.repositories.chat_partners import ChatPartnerRepository
from app.repositories.conversations import ConversationRepository
from app.services.chat_messages import ChatMessageService
from app.services.chat_openings import ChatOpeningService
from app.services.conversations import ConversationService


class TalkingServices(PaymentServices, FileServices):
    """Who talks with whom, and what they say."""

    @cached_property
    def chat_messages(self) -> ChatMessageService:
        return ChatMessageService(
            ChatMessageRepository(self._connection),
            ConversationRepository(self._connection),
            ChatBlockRepository(self._connection),
            self.conversations,
            self.limits,
            self._adapters.clock,
            digest_after=timedelta(seconds=self._adapters.settings.chat_digest_after_seconds),
        )

    @cached_property
    def chat_openings(self) -> ChatOpeningService:
        return ChatOpeningService(
            ConversationRepository(self._connection),
            ChatPartnerRepository(self._connection),
            ChatBlockRepository(self._connection),
            self.conversations,
            self.chat_messages,
            self.bookings,
            self.limits,
            self._adapters.clock,
        )

    @cached_property
    def conversations(self) -> ConversationService:
        return ConversationService(
            ConversationRepository(self._connection), ChatMessageRepository(self._connection)
        )
