"""Wallets: what is in them, what moved, and handing money to somebody else."""

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.core.money import Money
from app.domain.accounts import UserNotFound
from app.domain.actors import Actor
from app.domain.ledger import AccountKind, TransferToOneself
from app.domain.wallets import (
    A_DAY,
    Movement,
    MovementFilter,
    MovementSort,
    Transfer,
    TransferLimits,
    TransferWanted,
    transfer,
)
from app.repositories.ledger import LedgerRepository
from app.repositories.wallets import WalletRepository
from app.services.ledger import LedgerService


class WalletService:
    def __init__(
        self,
        wallets: WalletRepository,
        accounts: LedgerRepository,
        ledger: LedgerService,
        clock: Clock,
        *,
        limits: TransferLimits,
    ) -> None:
        self.wallets = wallets
        self.accounts = accounts
        self.ledger = ledger
        self.clock = clock
        self.limits = limits

    async def balances(self, actor: Actor) -> list[Money]:
        """Return what they have, in each currency that ever came in."""
        return await self.accounts.balances(AccountKind.CUSTOMER_WALLET, actor.user_id)

    async def movements(
        self, actor: Actor, request: PageRequest[MovementSort], *, currency: str | None
    ) -> Page[Movement]:
        return await self.wallets.movements(MovementFilter(actor.user_id, currency), request)

    async def transfer(self, actor: Actor, wanted: TransferWanted) -> Transfer:
        """Hand money to somebody, at once and for good.

        Refused with UserNotFound where everybody else would not see them either, with
        StepUpRequired for much of it, TransferLimitReached or InsufficientFunds.
        """
        if wanted.to_user_id == actor.user_id:
            raise TransferToOneself
        now = self.clock()
        if self.limits.needs_proof(wanted.amount):
            actor.ensure_proved(now=now)
        await self.wallets.lock_sender(actor.user_id)
        if not await self.wallets.lock_receiver(wanted.to_user_id):
            raise UserNotFound
        made = transfer(wanted, sender_id=actor.user_id, now=now)
        await self.wallets.add(made)
        sent = await self.wallets.sent(actor.user_id, made.currency, since=now - A_DAY)
        self.limits.ensure_within(sent, made.currency)
        await self.ledger.wallet_transferred(
            made.id, made.money, sender_id=actor.user_id, receiver_id=wanted.to_user_id
        )
        return made
