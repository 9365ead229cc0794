"""What banks take back over disputes, and give back when these are won."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.disputes import (
    Dispute,
    DisputeFilter,
    DisputeMoved,
    DisputeNotFound,
    DisputeReport,
    DisputeSort,
    heard_of,
    taken_in,
)
from app.domain.ledger import Account
from app.domain.payments import Payment, PaymentUncertain
from app.policies import payments as policy
from app.repositories.disputes import DisputeRepository
from app.repositories.jobs import JobRepository
from app.repositories.payments import PaymentRepository
from app.services.ledger import LedgerService
from app.services.sellers import SellerService

AT_ONCE: Final = 20
UNHEARD: Final = timedelta(days=1)

log: Final = structlog.get_logger("banister.payments")


class DisputeService:
    """What was taken is the seller's loss from that moment, until it comes back.

    So nothing that a bank holds is paid out or given back, and a lost dispute needs no entry of
    its own. Of a top-up the wallet gives what is in it, and the platform bears the rest.
    """

    def __init__(
        self,
        disputes: DisputeRepository,
        payments: PaymentRepository,
        ledger: LedgerService,
        sellers: SellerService,
        jobs: JobRepository,
        clock: Clock,
    ) -> None:
        self.disputes = disputes
        self.payments = payments
        self.ledger = ledger
        self.sellers = sellers
        self.jobs = jobs
        self.clock = clock

    async def take_in(self, payment: Payment, report: DisputeReport) -> None:
        """Take in how one dispute stands. Its payment must be locked, paid, and its booking too."""
        if report.amount.currency != payment.currency:
            log.warning("disputed in another currency", payment_id=str(payment.id))
            return
        now = self.clock()
        known = await self.disputes.lock(payment.id, report.reference)
        before = known or heard_of(report, payment_id=payment.id, now=now)
        after = taken_in(before, report, now=now)
        if known is None:
            await self.disputes.add(after)
        after = await self._book(payment, before, after)
        await self._book_fees(payment, after, report)
        await self.disputes.change(after)
        if known is None or after.state is not known.state:
            await self.jobs.announce(DisputeMoved(after.id))

    async def list(
        self, actor: Actor, wanted: DisputeFilter, request: PageRequest[DisputeSort]
    ) -> Page[Dispute]:
        policy.ensure_can_look_into(actor)
        return await self.disputes.matching(wanted, request)

    async def get(self, actor: Actor, dispute_id: UUID) -> Dispute:
        policy.ensure_can_look_into(actor)
        dispute = await self.disputes.get(dispute_id)
        if dispute is None:
            raise DisputeNotFound
        return dispute

    async def ask_stale(self) -> int:
        """Have the gateways asked about disputes that go on and were not heard of for a day."""
        now = self.clock()
        stale = await self.disputes.stale(before=now - UNHEARD, most=AT_ONCE, now=now)
        for payment_id in set(stale):
            await self.jobs.announce(PaymentUncertain(payment_id), dedupe=f"payment:{payment_id}")
        return len(stale)

    async def _book(self, payment: Payment, before: Dispute, after: Dispute) -> Dispute:
        """Write into the books what the bank took, and then what it gave back."""
        if after.withdrawn_at and not before.withdrawn_at:
            after = replace(after, borne_amount=await self._withdraw(payment, after))
        if after.reinstated_at and not before.reinstated_at:
            await self.ledger.dispute_reinstated(
                after.id,
                after.money,
                given_to=await self.sellers.account_of(payment),
                borne=after.borne_amount,
                gateway=payment.gateway,
            )
            await self.payments.dispute(payment.id, -after.amount, now=after.updated_at)
        return after

    async def _withdraw(self, payment: Payment, dispute: Dispute) -> int:
        """Return how much of what was taken the platform bears."""
        account = await self.sellers.account_of(payment)
        borne = await self._missing(account, dispute) if payment.booking_id is None else 0
        await self.ledger.dispute_withdrawn(
            dispute.id, dispute.money, taken_from=account, borne=borne, gateway=payment.gateway
        )
        await self.payments.dispute(payment.id, dispute.amount, now=dispute.updated_at)
        return borne

    async def _missing(self, purse: Account, dispute: Dispute) -> int:
        there = await self.ledger.lock(purse, dispute.currency)
        return dispute.amount - min(there.amount, dispute.amount)

    async def _book_fees(self, payment: Payment, dispute: Dispute, report: DisputeReport) -> None:
        if report.fee is not None:
            await self.ledger.dispute_fee(dispute.id, report.fee, gateway=payment.gateway)
        if report.fee_back is not None:
            await self.ledger.dispute_fee_back(dispute.id, report.fee_back, gateway=payment.gateway)
