"""The books, and what is done with what is in them."""

from functools import cached_property

from app.bootstrap.reaching import ReachingServices
from app.domain.wallets import TransferLimits
from app.repositories.book_checks import BookCheckRepository
from app.repositories.books import BookRepository
from app.repositories.commissions import CommissionRepository
from app.repositories.jobs import JobRepository
from app.repositories.ledger import LedgerRepository
from app.repositories.ledger_accounts import LedgerAccountRepository
from app.repositories.ledger_entries import LedgerEntryRepository
from app.repositories.payouts import PayoutRepository
from app.repositories.wallets import WalletRepository
from app.services.books import BookService
from app.services.commissions import CommissionService
from app.services.ledger import LedgerService
from app.services.payouts import PayoutService
from app.services.spreadsheets import SpreadsheetService
from app.services.wallets import WalletService


class MoneyServices(ReachingServices):
    """Whose money it is."""

    @cached_property
    def books(self) -> BookService:
        return BookService(
            BookRepository(self._connection),
            LedgerAccountRepository(self._connection),
            LedgerEntryRepository(self._connection),
            BookCheckRepository(self._connection),
        )

    @cached_property
    def commissions(self) -> CommissionService:
        return CommissionService(
            CommissionRepository(self._connection), self.audit, self._adapters.clock
        )

    @cached_property
    def ledger(self) -> LedgerService:
        return LedgerService(
            LedgerRepository(self._connection),
            CommissionRepository(self._connection),
            self._adapters.clock,
            usual_basis_points=self._adapters.settings.commission_basis_points,
        )

    @cached_property
    def payouts(self) -> PayoutService:
        return PayoutService(
            PayoutRepository(self._connection),
            self.ledger,
            JobRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def spreadsheets(self) -> SpreadsheetService:
        return SpreadsheetService(self._adapters.spreadsheets)

    @cached_property
    def wallets(self) -> WalletService:
        settings = self._adapters.settings
        return WalletService(
            WalletRepository(self._connection),
            LedgerRepository(self._connection),
            self.ledger,
            self._adapters.clock,
            limits=TransferLimits(
                times=settings.wallet_transfers_per_day,
                daily=settings.wallet_daily_limit,
                unproved=settings.wallet_step_up_above,
            ),
        )
