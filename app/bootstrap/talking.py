"""People who write to one another."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property

from app.bootstrap.filing import FileServices
from app.bootstrap.notifying import NotifyingServices
from app.domain.files import FileOwner
from app.repositories.chat_blocks import ChatBlockRepository
from app.repositories.chat_digests import ChatDigestRepository
from app.repositories.chat_messages import ChatMessageRepository
from app.repositories.chat_partners import ChatPartnerRepository
from app.repositories.chat_reports import ChatReportRepository
from app.repositories.conversations import ConversationRepository
from app.repositories.jobs import JobRepository
from app.repositories.users import UserRepository
from app.services.chat_blocks import ChatBlockService
from app.services.chat_digests import ChatDigestService
from app.services.chat_frames import ChatFrameService
from app.services.chat_messages import ChatMessageService
from app.services.chat_openings import ChatOpeningService
from app.services.chat_reports import ChatReportService
from app.services.chat_sights import ChatSight
from app.services.conversations import ConversationService
from app.services.files import Sight
from app.services.read_marks import ReadMarkService


class TalkingServices(NotifyingServices, FileServices):
    """Who talks with whom, and what they say."""

    @cached_property
    def chat_blocks(self) -> ChatBlockService:
        return ChatBlockService(
            ChatBlockRepository(self._connection), self.conversations, self._adapters.clock
        )

    @cached_property
    def chat_digests(self) -> ChatDigestService:
        return ChatDigestService(
            ChatDigestRepository(self._connection),
            JobRepository(self._connection),
            self.notifications,
            self._adapters.clock,
            every=timedelta(seconds=self._adapters.settings.chat_digest_every_seconds),
        )

    @cached_property
    def chat_frames(self) -> ChatFrameService:
        return ChatFrameService(
            self.conversations,
            ChatBlockRepository(self._connection),
            ChatPartnerRepository(self._connection),
            UserRepository(self._connection),
            self.realtime,
            self._adapters.clock,
        )

    @cached_property
    def chat_messages(self) -> ChatMessageService:
        return ChatMessageService(
            ChatMessageRepository(self._connection),
            ConversationRepository(self._connection),
            ChatBlockRepository(self._connection),
            self.conversations,
            self.chat_frames,
            self.files,
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
    def chat_reports(self) -> ChatReportService:
        return ChatReportService(
            ChatReportRepository(self._connection),
            ChatMessageRepository(self._connection),
            self.chat_messages,
            self.conversations,
            self.limits,
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def conversations(self) -> ConversationService:
        return ConversationService(
            ConversationRepository(self._connection),
            UserRepository(self._connection),
            self.audit,
        )

    @cached_property
    def read_marks(self) -> ReadMarkService:
        return ReadMarkService(
            ConversationRepository(self._connection),
            ChatMessageRepository(self._connection),
            self.conversations,
            self.chat_frames,
        )

    @property
    def _file_sights(self) -> Mapping[FileOwner, Sight]:
        messages = ChatSight(
            ConversationRepository(self._connection), ChatMessageRepository(self._connection)
        )
        return {**super()._file_sights, FileOwner.MESSAGE: messages}
