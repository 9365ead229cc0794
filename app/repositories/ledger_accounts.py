"""Every statement that looks at the accounts of the books."""

from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Query
from app.domain.ledger_accounts import AccountFilter, LedgerAccountSort, ShownAccount
from app.models import LedgerAccounts
from app.repositories.base import Listing, columns

ACCOUNT_ID: Final = bindparam("account_id", type_=Uuid)
ACCOUNT: Final = Query(
    select(*columns(LedgerAccounts, ShownAccount)).where(LedgerAccounts.id == ACCOUNT_ID),
    ShownAccount,
)
ACCOUNTS: Final = Listing(
    LedgerAccounts,
    ShownAccount,
    filters={
        "kind": LedgerAccounts.kind == bindparam("kind"),
        "owner_id": LedgerAccounts.owner_id == bindparam("owner_id"),
        "currency": LedgerAccounts.currency == bindparam("currency"),
    },
    sorts={"created_at": LedgerAccounts.id},  # which are made in the order of time
)


class LedgerAccountRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, account_id: UUID) -> ShownAccount | None:
        return await self.connection.first(ACCOUNT, account_id=account_id)

    async def matching(
        self, wanted: AccountFilter, request: PageRequest[LedgerAccountSort]
    ) -> Page[ShownAccount]:
        return await ACCOUNTS.page(self.connection, wanted, request)
