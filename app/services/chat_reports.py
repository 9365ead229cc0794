"""Complaining about a message, and deciding on it."""

from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.chat_messages import ChatMessageNotFound, MessageDeleted
from app.domain.chat_reports import (
    STATUS_OF,
    WORDS_KEPT,
    ChatReport,
    ChatReportFilter,
    ChatReportNotFound,
    ChatReportSort,
    ReportingOneself,
    ReportResolved,
    Verdict,
)
from app.domain.limits import Quota
from app.policies import chat_reports as policy
from app.repositories.chat_messages import ChatMessageRepository
from app.repositories.chat_reports import ChatReportRepository
from app.services.audit import AuditService
from app.services.chat_messages import ChatMessageService
from app.services.conversations import ConversationService
from app.services.limits import LimitService

FORGOTTEN_AT_ONCE: Final = 1000


class ChatReportService:
    def __init__(
        self,
        reports: ChatReportRepository,
        rows: ChatMessageRepository,
        messages: ChatMessageService,
        conversations: ConversationService,
        limits: LimitService,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.reports = reports
        self.rows = rows
        self.messages = messages
        self.conversations = conversations
        self.limits = limits
        self.audit = audit
        self.clock = clock

    async def report(
        self, actor: Actor, conversation_id: UUID, message_id: UUID, reason: str | None
    ) -> tuple[ChatReport, bool]:
        """Return the actor's complaint about another's message, and whether it is new."""
        await self.limits.spend(Quota.MESSAGES, actor.user_id)
        await self.conversations.visible(actor, conversation_id)
        message = await self.rows.get(conversation_id, message_id)
        if message is None:
            raise ChatMessageNotFound
        if message.sender_id == actor.user_id:
            raise ReportingOneself
        made = await self.reports.add(
            message_id, reporter_id=actor.user_id, reason=reason, now=self.clock()
        )
        known = made or await self.reports.of_reporter(message_id, actor.user_id)
        if known is None:
            raise MessageDeleted
        return known, made is not None

    async def list(
        self, actor: Actor, wanted: ChatReportFilter, request: PageRequest[ChatReportSort]
    ) -> Page[ChatReport]:
        policy.ensure_can_moderate(actor)
        return await self.reports.matching(wanted, request)

    async def resolve(self, actor: Actor, report_id: UUID, verdict: Verdict) -> ChatReport:
        """Decide: the message goes, and all complaints about it with it; or nothing was wrong.

        Refused with ReportResolved where somebody has decided already.
        """
        policy.ensure_can_moderate(actor)
        report = await self._get(report_id)
        removes = verdict is Verdict.REMOVE
        if removes:
            await self.messages.remove(report.conversation_id, report.message_id)
        is_first = await self.reports.resolve(
            report, STATUS_OF[verdict], by=actor.user_id, now=self.clock(), of_all=removes
        )
        decided = await self._get(report_id)
        if not is_first or decided.status is not STATUS_OF[verdict]:
            raise ReportResolved
        await self.audit.note(
            actor, "chat_report.resolved", ("chat_report", report.id), before=report, after=decided
        )
        return decided

    async def forget_words(self) -> int:
        """Empty the words of some that were decided long ago; return how many, 0 when all are."""
        return await self.reports.forget(before=self.clock() - WORDS_KEPT, most=FORGOTTEN_AT_ONCE)

    async def _get(self, report_id: UUID) -> ChatReport:
        report = await self.reports.get(report_id)
        if report is None:
            raise ChatReportNotFound
        return report
