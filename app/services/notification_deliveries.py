"""Bringing notifications to people: looked at again right before, and handed over once.

An attempt is written down before the vendor is called and after it: where the program is lost in
between, the next one calls again under the same key, the delivery's id.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
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
from app.repositories.suppressions import SuppressionRepository
from app.services.audit import AuditService
from app.services.notification_outgoing import Outgoing, OutgoingService
from app.services.notification_sending import SendingService

LATE: Final = timedelta(minutes=15)
log = structlog.get_logger("banister.notifications")


class NotificationDeliveryService:
    def __init__(
        self,
        deliveries: NotificationDeliveryRepository,
        suppressions: SuppressionRepository,
        outgoing: OutgoingService,
        sending: SendingService,
        jobs: JobRepository,
        audit: AuditService,
        checkpoint: Checkpoint,
        clock: Clock,
    ) -> None:
        self.deliveries = deliveries
        self.suppressions = suppressions
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
            await self._suppress(prepared, outcome)

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

    async def note_arrival(
        self, channel: Channel, reference: str, *, arrived: bool, error: str | None = None
    ) -> bool:
        """Take in what a vendor told later of what was sent; tell whether that was news."""
        state = DeliveryState.DELIVERED if arrived else DeliveryState.FAILED
        return await self.deliveries.note_arrival(
            channel, reference, state, error=error, now=self.clock()
        )

    async def overdue(self) -> int:
        """Return how many wait though their time has come: nobody sends, or nobody takes them."""
        return await self.deliveries.overdue(before=self.clock() - LATE)

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
        due_at = self.clock() + pause_after(claimed.attempts)
        return Outcome(DeliveryState.QUEUED, error=outcome.error, due_at=due_at)

    async def _settle(self, claimed: Delivery, outcome: Outcome, *, counts: bool = True) -> None:
        now = self.clock()
        is_settled = await self.deliveries.settle(claimed, outcome, now=now, counts=counts)
        if is_settled and outcome.state is DeliveryState.QUEUED:
            assert outcome.due_at is not None  # set by `_again`, or by quiet hours
            await self.jobs.announce(DeliveryDue(claimed.id), after=outcome.due_at - now)
        log.info(
            "notification_delivery",
            delivery_id=str(claimed.id),
            channel=claimed.channel,
            state=outcome.state,
            error=outcome.error,
        )

    async def _suppress(self, outgoing: Outgoing, outcome: Outcome) -> None:
        """Write down that nobody is behind an address."""
        reason = outcome.error or str(outcome.state)
        await self.suppressions.add(
            suppressed(outgoing.channel, outgoing.address, reason=reason, now=self.clock())
        )
