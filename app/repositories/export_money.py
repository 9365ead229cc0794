"""What one person is told of their money: accounts, what they handed on or got, payouts."""

from typing import Final

from app.models import (
    Commissions,
    LedgerAccounts,
    LedgerEntries,
    LedgerPostings,
    Payments,
    Payouts,
    Receipts,
    Refunds,
    SavedCards,
)
from app.models import WalletTransfers as Transfers
from app.repositories.export_sections import USER, Section

RECEIPT: Final = (
    Receipts.id,
    Receipts.kind,
    Receipts.number,
    Receipts.payment_id,
    Receipts.booking_id,
    Receipts.amount,
    Receipts.currency,
    Receipts.issued_at,
)

# Of those they have to do with nothing is told but what these wrote to them.
SECTIONS: Final[dict[str, Section]] = {
    "payments": Section(
        Payments.id,
        Payments.booking_id,
        Payments.group_id,
        Payments.gateway,
        Payments.method,
        Payments.state,
        Payments.amount,
        Payments.currency,
        Payments.refunded_amount,
        Payments.failure_code,
        Payments.paid_at,
        Payments.created_at,
        own=Payments.user_id == USER,
        by=[Payments.created_at, Payments.id],
    ),
    "refunds": Section(
        Refunds.id,
        Refunds.payment_id,
        Refunds.state,
        Refunds.amount,
        Refunds.currency,
        Refunds.reason,
        Refunds.created_at,
        own=(Refunds.payment_id == Payments.id) & (Payments.user_id == USER),
        by=[Refunds.payment_id, Refunds.created_at, Refunds.id],
    ),
    "receipts": Section(
        *RECEIPT,
        own=Receipts.customer_id == USER,
        by=[Receipts.issued_at, Receipts.id],
    ),
    "receipts_of_my_sales": Section(
        *RECEIPT,
        own=Receipts.issuer_id == USER,
        by=[Receipts.issued_at, Receipts.id],
    ),
    "saved_cards": Section(
        SavedCards.id,
        SavedCards.gateway,
        SavedCards.brand,
        SavedCards.last4,
        SavedCards.expires_month,
        SavedCards.expires_year,
        SavedCards.removed_at,
        SavedCards.created_at,
        own=SavedCards.user_id == USER,
        by=[SavedCards.created_at, SavedCards.id],
    ),
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
