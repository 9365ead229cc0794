"""Reading the books: for accountants, and for whoever wonders whether they are right."""

from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.listing import Page, PageRequest
from app.domain.account_statements import MOST_LINES, AccountStatement, StatementTooLong
from app.domain.actors import Actor
from app.domain.books import MOST_SHOWN, Mistake
from app.domain.ledger import AccountNotFound, Balance
from app.domain.ledger_accounts import AccountFilter, LedgerAccountSort, ShownAccount
from app.domain.ledger_entries import EntryFilter, LedgerEntrySort, ShownEntry
from app.policies import ledger as policy
from app.repositories.book_checks import BookCheckRepository
from app.repositories.books import BookRepository
from app.repositories.ledger_accounts import LedgerAccountRepository
from app.repositories.ledger_entries import LedgerEntryRepository

MOST_BALANCES: Final = 5_000


class BookService:
    def __init__(
        self,
        books: BookRepository,
        accounts: LedgerAccountRepository,
        entries: LedgerEntryRepository,
        checks: BookCheckRepository,
    ) -> None:
        self.books = books
        self.ledger_accounts = accounts
        self.ledger_entries = entries
        self.checks = checks

    async def accounts(
        self, actor: Actor, wanted: AccountFilter, request: PageRequest[LedgerAccountSort]
    ) -> Page[ShownAccount]:
        policy.ensure_can_read(actor)
        return await self.ledger_accounts.matching(wanted, request)

    async def entries(
        self, actor: Actor, wanted: EntryFilter, request: PageRequest[LedgerEntrySort]
    ) -> Page[ShownEntry]:
        policy.ensure_can_read(actor)
        return await self.ledger_entries.matching(wanted, request)

    async def trial_balance(self, actor: Actor) -> list[Balance]:
        """Return every account that is not empty; of a currency they sum to zero.

        Where these are more than MOST_BALANCES, those of a kind are added up over their owners.
        One statement either way, so that nothing moves between two lines.
        """
        policy.ensure_can_read(actor)
        found = await self.books.balances(most=MOST_BALANCES + 1)
        return found if len(found) <= MOST_BALANCES else await self.books.sums()

    async def statement(
        self, actor: Actor, account_id: UUID, *, start: datetime, end: datetime
    ) -> AccountStatement:
        """Return what moved in an account from a moment up to another.

        Refused with AccountNotFound, and with StatementTooLong above MOST_LINES.
        """
        policy.ensure_can_read(actor)
        account = await self.ledger_accounts.get(account_id)
        if account is None:
            raise AccountNotFound
        lines = await self.books.lines(account_id, start=start, end=end, most=MOST_LINES + 1)
        if len(lines) > MOST_LINES:
            raise StatementTooLong
        opening = await self.books.opening(account_id, start=start)
        return AccountStatement(account, opening, lines)

    async def mistakes(self) -> list[Mistake]:
        """Return what is wrong with the books, the first of each kind: nothing, if all is well."""
        return await self.checks.found(most=MOST_SHOWN)
