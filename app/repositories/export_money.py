"""What one person is told of their money: accounts, what they handed on or got, payouts."""

from typing import Final

from app.models import Commissions, LedgerAccounts, LedgerEntries, LedgerPostings, Payouts
from app.models import WalletTransfers as Transfers
from app.repositories.export_sections import USER, Section

# Of those they have to do with nothing is told but what these wrote to them.
SECTIONS: Final[dict[str, Section]] = {
    "accounts": Section(
        LedgerAccounts.id,
        LedgerAccounts.kind,
        LedgerAccounts.balance,
        LedgerAccounts.currency,
        own=LedgerAccounts.owner_id == USER,
        by=[LedgerAccounts.kind, LedgerAccounts.id],
    ),
    "account_movements": Section(
        LedgerPostings.account_id,
        LedgerEntries.kind,
        LedgerEntries.source_id,
        LedgerPostings.amount,
        LedgerPostings.currency,
        LedgerPostings.created_at,
        own=(LedgerAccounts.owner_id == USER)
        & (LedgerPostings.account_id == LedgerAccounts.id)
        & (LedgerEntries.id == LedgerPostings.entry_id),
        by=[LedgerPostings.created_at, LedgerPostings.id],
    ),
    "transfers_sent": Section(
        Transfers.id,
        Transfers.amount,
        Transfers.currency,
        Transfers.note,
        Transfers.created_at,
        own=Transfers.from_user_id == USER,
        by=[Transfers.created_at, Transfers.id],
    ),
    "transfers_received": Section(
        Transfers.id,
        Transfers.amount,
        Transfers.currency,
        Transfers.note,
        Transfers.created_at,
        own=Transfers.to_user_id == USER,
        by=[Transfers.created_at, Transfers.id],
    ),
    "payouts": Section(
        Payouts.id,
        Payouts.account,
        Payouts.amount,
        Payouts.currency,
        Payouts.status,
        Payouts.note,
        Payouts.settled_at,
        Payouts.created_at,
        own=Payouts.owner_id == USER,
        by=[Payouts.created_at, Payouts.id],
    ),
    "commissions": Section(
        Commissions.basis_points,
        Commissions.updated_at,
        own=Commissions.user_id == USER,
        by=[Commissions.updated_at, Commissions.user_id],
    ),
}
