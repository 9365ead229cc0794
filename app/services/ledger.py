"""The books: what the business did, written once for each cause, whoever tells it how often."""

from collections.abc import Sequence
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.money import Money
from app.domain import postings
from app.domain.ledger import Account, Entry, EntryKind, Posting
from app.domain.postings import Earning, Seller
from app.repositories.commissions import CommissionRepository
from app.repositories.ledger import LedgerRepository


class LedgerService:
    """Each method writes one entry, in the transaction of what caused it.

    It tells whether the entry was new: once more for the same cause changes nothing. What would
    leave a wallet under zero is refused with InsufficientFunds. Accounts stay locked until the
    transaction ends; of several entries in one transaction two transactions may lock accounts
    crosswise, and one of them is then run again.
    """

    def __init__(
        self,
        ledger: LedgerRepository,
        commissions: CommissionRepository,
        clock: Clock,
        *,
        usual_basis_points: int,
    ) -> None:
        self.ledger = ledger
        self.commissions = commissions
        self.clock = clock
        self.usual_basis_points = usual_basis_points

    async def record(
        self,
        kind: EntryKind,
        source_id: UUID,
        what: Sequence[Posting],
        note: str | None = None,
    ) -> bool:
        """Write an entry. The note stays for ever, so it must tell of nobody."""
        entry = Entry(new_id(), kind, source_id, note, self.clock())
        return await self.ledger.write(entry, what)

    async def has(self, kind: EntryKind, source_id: UUID) -> bool:
        """Tell whether that is in the books; of what another transaction does it doesn't know."""
        return await self.ledger.has(kind, source_id)

    async def payment_captured(
        self,
        payment_id: UUID,
        amount: Money,
        *,
        paid_from: Account,
        seller: Seller,
        more: Earning | None = None,
    ) -> bool:
        """Somebody has paid, from `postings.clearing(gateway)` or `postings.wallet(user_id)`.

        `more` is what it adds, where the booking has been earned before.
        """
        what = postings.captured(amount, paid_from=paid_from, seller=seller)
        if more is not None:
            share = await self._basis_points(seller)
            what = postings.captured_late(
                amount, paid_from=paid_from, seller=seller, more=more, basis_points=share
            )
        return await self.record(EntryKind.PAYMENT_CAPTURED, payment_id, what)

    async def gateway_fee(self, payment_id: UUID, fee: Money, *, gateway: str) -> bool:
        """A gateway kept its fee of a payment; nothing where that is nothing."""
        if not fee.amount:
            return False
        what = postings.fee_kept(fee, gateway=gateway)
        return await self.record(EntryKind.GATEWAY_FEE, payment_id, what)

    async def dispute_withdrawn(
        self, dispute_id: UUID, amount: Money, *, taken_from: Account, borne: int, gateway: str
    ) -> bool:
        """A bank took back what was paid; `borne` of it the platform bears."""
        what = postings.disputed(amount, taken_from=taken_from, borne=borne, gateway=gateway)
        return await self.record(EntryKind.DISPUTE_WITHDRAWN, dispute_id, what)

    async def dispute_reinstated(
        self, dispute_id: UUID, amount: Money, *, given_to: Account, borne: int, gateway: str
    ) -> bool:
        """What a bank had taken came back."""
        what = postings.reinstated(amount, given_to=given_to, borne=borne, gateway=gateway)
        return await self.record(EntryKind.DISPUTE_REINSTATED, dispute_id, what)

    async def dispute_fee(self, dispute_id: UUID, fee: Money, *, gateway: str) -> bool:
        """A bank charged for a dispute, whoever wins it."""
        what = postings.fee_kept(fee, gateway=gateway)
        return await self.record(EntryKind.DISPUTE_FEE, dispute_id, what)

    async def dispute_fee_back(self, dispute_id: UUID, fee: Money, *, gateway: str) -> bool:
        """What it had charged came back."""
        what = postings.fee_returned(fee, gateway=gateway)
        return await self.record(EntryKind.DISPUTE_FEE_BACK, dispute_id, what)

    async def refund_planned(self, refund_id: UUID, amount: Money, *, taken_from: Account) -> bool:
        """It was promised back, out of `seller.deposits` or, once earned, of `seller.earned`."""
        what = postings.refund_planned(amount, taken_from=taken_from)
        return await self.record(EntryKind.REFUND_PLANNED, refund_id, what)

    async def refund_succeeded(self, refund_id: UUID, amount: Money, *, given_to: Account) -> bool:
        """It went back, by `postings.clearing(gateway)` or into `postings.wallet(user_id)`."""
        what = postings.refund_succeeded(amount, given_to=given_to)
        return await self.record(EntryKind.REFUND_SUCCEEDED, refund_id, what)

    async def refund_failed(
        self, refund_id: UUID, amount: Money, *, taken_from: Account, given_to: Account
    ) -> bool:
        """It stays where it was taken from, also if it had succeeded before."""
        had_succeeded = await self.has(EntryKind.REFUND_SUCCEEDED, refund_id)
        what = postings.refund_failed(
            amount, taken_from=taken_from, given_to=given_to if had_succeeded else None
        )
        return await self.record(EntryKind.REFUND_FAILED, refund_id, what)

    async def booking_earned(self, booking_id: UUID, amount: Money, *, seller: Seller) -> bool:
        """A booking is over, for which that much is still in the seller's deposits.

        The commission is the seller's own of this moment, or else the usual one. Nothing where
        nothing was paid.
        """
        if not amount.amount:
            return False
        is_loss = amount.amount < 0  # disputed after it was given back: no commission on that
        share = 0 if is_loss else await self._basis_points(seller)
        what = postings.earned(amount, seller=seller, basis_points=share)
        return await self.record(EntryKind.BOOKING_EARNED, booking_id, what)

    async def _basis_points(self, seller: Seller) -> int:
        own = await self.commissions.of(seller.user_id)
        return self.usual_basis_points if own is None else own

    async def wallet_topped_up(
        self, payment_id: UUID, amount: Money, *, gateway: str, user_id: UUID
    ) -> bool:
        what = postings.topped_up(amount, gateway=gateway, user_id=user_id)
        return await self.record(EntryKind.WALLET_TOPPED_UP, payment_id, what)

    async def wallet_transferred(
        self, transfer_id: UUID, amount: Money, *, sender_id: UUID, receiver_id: UUID
    ) -> bool:
        what = postings.transferred(amount, sender_id=sender_id, receiver_id=receiver_id)
        return await self.record(EntryKind.WALLET_TRANSFER, transfer_id, what)

    async def paid_out(self, payout_id: UUID, amount: Money, *, account: Account) -> bool:
        what = postings.paid_out(amount, account=account)
        return await self.record(EntryKind.PAYOUT, payout_id, what)

    async def lock(self, account: Account, currency: str) -> Money:
        """Return what is in an account, which nothing moves until the transaction ends."""
        return await self.ledger.lock(account, currency)
