"""Paying those who sell: proposed, and then paid by hand or cancelled."""

from dataclasses import replace
from uuid import UUID

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.ledger import Account, InsufficientFunds
from app.domain.payouts import (
    Payout,
    PayoutCancelled,
    PayoutFilter,
    PayoutNotFound,
    PayoutPaid,
    PayoutProposed,
    PayoutSort,
    PayoutStatus,
    PayoutWanted,
    proposed,
)
from app.policies import ledger as policy
from app.repositories.jobs import JobRepository
from app.repositories.payouts import PayoutRepository
from app.services.audit import AuditService
from app.services.ledger import LedgerService


class PayoutService:
    def __init__(
        self,
        payouts: PayoutRepository,
        ledger: LedgerService,
        jobs: JobRepository,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.payouts = payouts
        self.ledger = ledger
        self.jobs = jobs
        self.audit = audit
        self.clock = clock

    async def list(
        self, actor: Actor, wanted: PayoutFilter, request: PageRequest[PayoutSort], *, mine: bool
    ) -> Page[Payout]:
        """Return payouts; of everybody to those who manage them, unless they ask for their own."""
        if mine:
            wanted = replace(wanted, owner_id=actor.user_id)
        return await self.payouts.matching(policy.narrow(actor, wanted), request)

    async def propose(self, actor: Actor, wanted: PayoutWanted) -> Payout:
        """Refused with InsufficientFunds above what is there and not proposed already."""
        policy.ensure_can_manage_payouts(actor)
        account, currency = Account(wanted.account, wanted.owner_id), wanted.amount.currency
        there = await self.ledger.lock(account, currency)
        taken = await self.payouts.proposed(account, currency)
        if wanted.amount.amount + taken.amount > there.amount:
            raise InsufficientFunds
        payout = proposed(wanted, by=actor.user_id, now=self.clock())
        await self.payouts.add(payout)
        await self.audit.note(actor, "payout.proposed", ("payout", payout.id), after=payout)
        await self.jobs.announce(PayoutProposed(payout.id))
        return payout

    async def pay(self, actor: Actor, payout_id: UUID) -> Payout:
        """Note that it was paid, and write it into the books.

        Refused with InsufficientFunds where refunds have taken it meanwhile.
        """
        policy.ensure_can_pay(actor, now=self.clock())
        payout = await self._lock(payout_id)
        account = Account(payout.account, payout.owner_id)
        if (await self.ledger.lock(account, payout.currency)).amount < payout.amount:
            raise InsufficientFunds
        paid = await self._settle(actor, payout, PayoutStatus.PAID)
        await self.jobs.announce(PayoutPaid(payout.id))
        await self.ledger.paid_out(payout.id, payout.money, account=account)
        return paid

    async def cancel(self, actor: Actor, payout_id: UUID) -> Payout:
        policy.ensure_can_manage_payouts(actor)
        payout = await self._lock(payout_id)
        await self.jobs.announce(PayoutCancelled(payout.id))
        return await self._settle(actor, payout, PayoutStatus.CANCELLED)

    async def _lock(self, payout_id: UUID) -> Payout:
        """Return it locked; refuse with PayoutNotFound, or PayoutSettled where it is over."""
        payout = await self.payouts.lock(payout_id)
        if payout is None:
            raise PayoutNotFound
        payout.ensure_open()
        return payout

    async def _settle(self, actor: Actor, payout: Payout, status: PayoutStatus) -> Payout:
        now = self.clock()
        await self.payouts.settle(payout.id, status, by=actor.user_id, now=now)
        settled = replace(
            payout, status=status, settled_by=actor.user_id, settled_at=now, updated_at=now
        )
        await self.audit.note(
            actor, f"payout.{status}", ("payout", payout.id), before=payout, after=settled
        )
        return settled
