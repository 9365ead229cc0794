"""Bringing notifications to people: looked at again right before, and handed over once.

An attempt is written down before the vendor is called and after it: where the program is lost in
between, the next one calls again under the same key, the delivery's id.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.messengers import TextReport, TextState
from app.domain.notification_deliveries import (
    LEASE,
    MOST_ATTEMPTS,
    OVER,
    Delivery,
    DeliveryDue,
    DeliveryFilter,
    DeliveryLeased,
    DeliveryNotFound,
    DeliverySort,
    DeliveryState,
    DeliveryTaken,
    DeliveryUnderWay,
    LoggedDelivery,
    Outcome,
    pause_after,
)
from app.domain.notifications import Channel
from app.domain.suppressions import suppressed
from app.policies import notifications as policy
from app.repositories.jobs import JobRepository
from app.repositories.notification_deliveries import NotificationDeliveryRepository
from app.repositories.notification_preferences import NotificationPreferenceRepository
from app.repositories.suppressions import SuppressionRepository
from app.services.audit import AuditService
from app.services.notification_addresses import AddressService
from app.services.notification_outgoing import Outgoing, OutgoingService
from app.services.notification_sending import SendingService
from app.services.text_reports import TextReportService

ARRIVED: Final = {
    TextState.DELIVERED: DeliveryState.DELIVERED,
    TextState.FAILED: DeliveryState.FAILED,
}
SUPPRESSED: Final = (Channel.EMAIL, Channel.SMS)
LATE: Final = timedelta(minutes=15)
log = structlog.get_logger("banister.notifications")


class NotificationDeliveryService:
    def __init__(
        self,
        deliveries: NotificationDeliveryRepository,
        suppressions: SuppressionRepository,
        preferences: NotificationPreferenceRepository,
        reports: TextReportService,
        addresses: AddressService,
        outgoing: OutgoingService,
        sending: SendingService,
        jobs: JobRepository,
        audit: AuditService,
        checkpoint: Checkpoint,
        clock: Clock,
    ) -> None:
        self.deliveries = deliveries
        self.suppressions = suppressions
        self.preferences = preferences
        self.reports = reports
        self.addresses = addresses
        self.outgoing = outgoing
        self.sending = sending
        self.jobs = jobs
        self.audit = audit
        self.checkpoint = checkpoint
        self.clock = clock

    async def send(self, delivery_id: UUID) -> None:
        """Hand it over, unless that was done or is not to be any more.

        Refused with DeliveryLeased while somebody else may be doing it.
        """
        now = self.clock()
        claimed = await self.deliveries.claim(delivery_id, lost_before=now - LEASE, now=now)
        if claimed is None:
            await self._ensure_not_leased(delivery_id)
            return
        prepared = await self.outgoing.prepare(claimed)
        if isinstance(prepared, Outcome):
            was_tried = prepared.state is not DeliveryState.QUEUED
            await self._settle(claimed, prepared, counts=was_tried)
            return
        await self.checkpoint()  # that it is being sent; nothing is held while it is
        outcome = await self.sending.hand_over(prepared)
        await self._settle(claimed, self._again(claimed, outcome))
        if outcome.state is DeliveryState.BOUNCED:
            await self._bury(prepared, outcome)

    async def list(
        self, actor: Actor, wanted: DeliveryFilter, request: PageRequest[DeliverySort]
    ) -> Page[LoggedDelivery]:
        policy.ensure_can_manage(actor)
        return await self.deliveries.matching(wanted, request)

    async def resend(self, actor: Actor, delivery_id: UUID) -> LoggedDelivery:
        """Send what is over once more, if it still is so.

        Refused with DeliveryNotFound, and with DeliveryUnderWay while it is being tried.
        """
        policy.ensure_can_manage(actor)
        now = self.clock()
        if not await self.deliveries.queue_again(delivery_id, over=OVER, now=now):
            await self._get(delivery_id)
            raise DeliveryUnderWay
        await self.jobs.announce(DeliveryDue(delivery_id))
        delivery = await self._get(delivery_id)
        target = ("notification_delivery", delivery_id)
        await self.audit.note(actor, "notification.resent", target)
        return delivery

    async def take_report(self, report_id: UUID) -> None:
        """Take in how far a text message got, if it is one of these."""
        report = await self.reports.get(report_id)
        if report is not None:
            await self._note(report)

    async def catch_up(self, delivery_id: UUID) -> None:
        """Take in what was reported of a text message before we knew what it is called."""
        delivery = await self.deliveries.get(delivery_id)
        if delivery is not None and delivery.reference is not None:
            report = await self.reports.last(delivery.reference)
            if report is not None:
                await self._note(report)

    async def overdue(self) -> int:
        """Return how many wait though their time has come: nobody sends, or nobody takes them."""
        return await self.deliveries.overdue(before=self.clock() - LATE)

    async def _note(self, report: TextReport) -> None:
        """Note the last word on a text message; a number that is dead gets no more of them."""
        if report.state not in ARRIVED:
            return
        error = None if report.state is TextState.DELIVERED else f"sms {report.code or 'failed'}"
        is_news = await self.deliveries.note_arrival(
            Channel.SMS, report.reference, ARRIVED[report.state], error=error, now=self.clock()
        )
        if is_news and report.is_dead:
            await self._suppress_number(report.reference, reason=error or "sms")

    async def _suppress_number(self, reference: str, *, reason: str) -> None:
        """Suppress the number a text went to, unless it is another one since."""
        delivery = await self.deliveries.of_reference(Channel.SMS, reference)
        user_id = delivery.user_id if delivery is not None else None
        recipient = None if user_id is None else await self.preferences.recipient(user_id)
        if delivery is None or delivery.sent_at is None or recipient is None:
            return
        number, since = recipient.address(Channel.SMS), recipient.phone_verified_at
        if number is not None and since is not None and since <= delivery.sent_at:
            await self._suppress(Channel.SMS, number, reason=reason)

    async def _get(self, delivery_id: UUID) -> LoggedDelivery:
        delivery = await self.deliveries.get(delivery_id)
        if delivery is None:
            raise DeliveryNotFound
        return delivery

    async def _ensure_not_leased(self, delivery_id: UUID) -> None:
        delivery = await self.deliveries.get(delivery_id)
        if delivery is not None and delivery.state is DeliveryState.SENDING:
            raise DeliveryLeased

    def _again(self, claimed: Delivery, outcome: Outcome) -> Outcome:
        """Return when to try again what may be tried again; after so many times it has failed."""
        if outcome.state is not DeliveryState.QUEUED:
            return outcome
        if claimed.attempts >= MOST_ATTEMPTS:
            return Outcome(DeliveryState.FAILED, error=outcome.error)
        due_at = self.clock() + max(pause_after(claimed.attempts), outcome.wait)
        return replace(outcome, due_at=due_at)

    async def _settle(self, claimed: Delivery, outcome: Outcome, *, counts: bool = True) -> None:
        now = self.clock()
        is_settled = await self.deliveries.settle(claimed, outcome, now=now, counts=counts)
        if is_settled and outcome.state is DeliveryState.QUEUED:
            assert outcome.due_at is not None  # set by `_again`, or by quiet hours
            await self.jobs.announce(DeliveryDue(claimed.id), after=outcome.due_at - now)
        if is_settled and claimed.channel is Channel.SMS and outcome.reference is not None:
            await self.jobs.announce(DeliveryTaken(claimed.id))
        log.info(
            "notification_delivery",
            delivery_id=str(claimed.id),
            channel=claimed.channel,
            state=outcome.state,
            error=outcome.error,
        )

    async def _bury(self, outgoing: Outgoing, outcome: Outcome) -> None:
        """Write to an address no more behind which nobody is; forget a device or a chat."""
        reason = outcome.error or str(outcome.state)
        if outgoing.channel in SUPPRESSED:
            await self._suppress(outgoing.channel, outgoing.address, reason=reason)
        else:
            await self.addresses.drop(outgoing.channel, outgoing.address)

    async def _suppress(self, channel: Channel, address: str, *, reason: str) -> None:
        one = suppressed(channel, address, reason=reason, now=self.clock())
        await self.suppressions.add(one)
