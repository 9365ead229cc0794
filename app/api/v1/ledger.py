"""The books, for accountants: accounts, entries, the trial balance, statements."""

from typing import Final
from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import LedgerReader
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.account_statements import StatementFormat, StatementTooLong
from app.domain.ledger import AccountNotFound
from app.schemas.base import Listing, listing
from app.schemas.ledger import (
    STATEMENT,
    LedgerAccountQuery,
    LedgerAccountRead,
    LedgerEntryQuery,
    LedgerEntryRead,
    StatementQuery,
    TrialBalanceRead,
    ledger_account_read,
    ledger_entry_read,
    trial_balance_read,
)

router = stem("ledger", prefix=f"{API}/ledger")
ACCOUNTS = Answers(listing(ledger_account_read))
ENTRIES = Answers(listing(ledger_entry_read))
TRIAL_BALANCE = Answers(trial_balance_read)
LISTED: Final = problems(Forbidden, InvalidCursor, MalformedQuery)


class Csv(Response):
    media_type = "text/csv"


class Xlsx(Response):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


FILES: Final = {StatementFormat.CSV: Csv, StatementFormat.XLSX: Xlsx}


@router.get(
    "/accounts",
    response_model=Listing[LedgerAccountRead],
    responses=LISTED,
    openapi_extra=queries.documented(LedgerAccountQuery),
)
async def list_ledger_accounts(visitor: LedgerReader, request: Request) -> Response:
    """List the accounts of the books, each of one currency."""
    query = queries.read(request, LedgerAccountQuery)
    async with visitor.reading() as caller:
        page = await caller.services.books.accounts(caller.actor, query.wanted(), query.page())
    return ACCOUNTS.ok(page)


@router.get(
    "/entries",
    response_model=Listing[LedgerEntryRead],
    responses=LISTED,
    openapi_extra=queries.documented(LedgerEntryQuery),
)
async def list_ledger_entries(visitor: LedgerReader, request: Request) -> Response:
    """List what is in the books, the newest first."""
    query = queries.read(request, LedgerEntryQuery)
    async with visitor.reading() as caller:
        page = await caller.services.books.entries(caller.actor, query.wanted(), query.page())
    return ENTRIES.ok(page)


@router.get("/trial-balance", response_model=TrialBalanceRead, responses=problems(Forbidden))
async def get_trial_balance(visitor: LedgerReader) -> Response:
    """Get what is in each account that is not empty; of each currency it sums to zero.

    Above 5,000 accounts, those of one kind are added up, whosever they are.
    """
    async with visitor.reading() as caller:
        balances = await caller.services.books.trial_balance(caller.actor)
    return TRIAL_BALANCE.ok(balances)


@router.get(
    "/accounts/{account_id}/statement",
    response_class=Csv,
    response_model=None,
    responses={
        200: STATEMENT,
        **problems(Forbidden, AccountNotFound, StatementTooLong, MalformedQuery),
    },
    openapi_extra=queries.documented(StatementQuery),
)
async def get_ledger_statement(
    visitor: LedgerReader, account_id: UUID, request: Request
) -> Response:
    """Return what moved in an account, with what was in it after each move, as CSV or XLSX.

    In CSV, text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    query = queries.read(request, StatementQuery)
    async with visitor.reading() as caller:
        statement = await caller.services.books.statement(
            caller.actor, account_id, start=query.start, end=query.end
        )
    content = await caller.services.spreadsheets.statement(statement, query.format)
    name = f'attachment; filename="{statement.account.kind}.{query.format}"'
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": name}
    return FILES[query.format](content, headers=headers)
