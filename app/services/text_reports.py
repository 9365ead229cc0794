"""How far text messages got, as the vendor tells."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.domain.gateway_events import GatewayUnknown
from app.domain.messengers import TextReport, TextStatusReported
from app.integrations.sms.protocol import SmsSender
from app.repositories.text_reports import TextReportRepository

KEPT_FOR: Final = timedelta(days=30)
FORGOTTEN_AT_ONCE: Final = 1000


class TextReportService:
    def __init__(self, reports: TextReportRepository, sms: SmsSender | None, clock: Clock) -> None:
        self.reports = reports
        self.sms = sms
        self.clock = clock

    async def receive(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take in a report and announce it, once; refused with InvalidSignature.

        Of what is under way still nothing is kept.
        """
        if self.sms is None:
            raise GatewayUnknown
        report = self.sms.read(headers, body)
        if report.state is None:
            return
        id_ = new_id()
        await self.reports.add(id_, report, now=self.clock(), announcing=TextStatusReported(id_))

    async def get(self, report_id: UUID) -> TextReport | None:
        """Return what was reported; None where that is long ago."""
        return await self.reports.get(report_id)

    async def last(self, reference: str) -> TextReport | None:
        """Return the last word on a message; None where it is under way still, or long ago."""
        return await self.reports.last(reference)

    async def forget_old(self) -> int:
        """Delete some from long ago; return how many."""
        since = self.clock() - KEPT_FOR
        return await self.reports.forget(since=since, most=FORGOTTEN_AT_ONCE)
