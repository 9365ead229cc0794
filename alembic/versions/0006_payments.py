"""Payments, refunds, what gateways told, and the books."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Asked at the end of the transaction, when all postings of an entry are there.
BALANCED = """
CREATE FUNCTION ensure_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM ledger_postings WHERE entry_id = NEW.entry_id
        GROUP BY currency HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'entry % does not sum to zero', NEW.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'balanced';
    END IF;
    RETURN NULL;
END $$
"""
SEE_TO_IT = """
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_postings
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ensure_balanced()
"""
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
KEEP = "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER"
BOOKS = ("ledger_entries", "ledger_postings", "receipts")


def upgrade() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column(
            "kind",
            sa.Enum(
                "booking_earned",
                "gateway_fee",
                "payment_captured",
                "payout",
                "refund_failed",
                "refund_planned",
                "refund_succeeded",
                "wallet_topped_up",
                "wallet_transfer",
                name="entrykind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("kind", "source_id", name="uq_ledger_entries_cause"),
    )
    op.create_index(
        "ix_ledger_entries_created", "ledger_entries", ["created_at", "id"], unique=False
    )
    op.create_table(
        "ledger_accounts",
        sa.Column(
            "kind",
            sa.Enum(
                "customer_wallet",
                "deposits",
                "gateway_clearing",
                "gateway_fees",
                "organizer_payable",
                "payouts",
                "platform_revenue",
                "provider_payable",
                "refunds",
                name="accountkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("gateway", sa.String(length=20), server_default=sa.text("''"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'customer_wallet' OR balance >= 0", name=op.f("ck_ledger_accounts_wallet")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_ledger_accounts_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("id", "currency", name="uq_ledger_accounts_currency"),
        sa.UniqueConstraint(
            "kind",
            "owner_id",
            "gateway",
            "currency",
            name="uq_ledger_accounts_account",
            postgresql_nulls_not_distinct=True,
        ),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        "ix_ledger_accounts_of_owner", "ledger_accounts", ["owner_id", "kind"], unique=False
    )
    op.create_table(
        "ledger_postings",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_postings_amount")),
        sa.CheckConstraint(
            "amount BETWEEN -1000000000000 AND 1000000000000",
            name=op.f("ck_ledger_postings_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["ledger_accounts.id", "ledger_accounts.currency"],
            name=op.f("fk_ledger_postings_account_id_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["ledger_entries.id"],
            name=op.f("fk_ledger_postings_entry_id_ledger_entries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_postings")),
    )
    op.create_index(
        op.f("ix_ledger_postings_entry_id"), "ledger_postings", ["entry_id"], unique=False
    )
    op.create_index(
        "ix_ledger_postings_of_account",
        "ledger_postings",
        ["account_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "payments",
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "gateway",
            sa.Enum(
                "sandbox",
                "stripe",
                "freedompay",
                "wallet",
                "cash",
                name="gatewayname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "card",
                "credit_card",
                "freedompay",
                "wallet",
                "cash",
                name="paymentmethod",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "processing",
                "authorized",
                "failed",
                "cancelled",
                "paid",
                name="chargestate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("captured_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("refunded_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("client_secret", sa.String(length=255), nullable=True),
        sa.Column("redirect_url", sa.String(length=2000), nullable=True),
        sa.Column("failure_code", sa.String(length=100), nullable=True),
        sa.Column("request_key", sa.String(length=255), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_payments_paid")
        ),
        sa.CheckConstraint("amount BETWEEN 1 AND 1000000000000", name=op.f("ck_payments_amount")),
        sa.CheckConstraint(
            "captured_amount BETWEEN 0 AND amount", name=op.f("ck_payments_captured")
        ),
        sa.CheckConstraint(
            "refunded_amount BETWEEN 0 AND captured_amount", name=op.f("ck_payments_refunded")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_payments_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payments_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("gateway", "reference", name="uq_payments_reference"),
    )
    op.create_index("ix_payments_created", "payments", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_payments_of_booking", "payments", ["booking_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_payments_of_user", "payments", ["user_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_payments_unsettled",
        "payments",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'processing', 'authorized')"),
    )
    op.create_index(
        "uq_payments_request",
        "payments",
        ["user_id", "request_key"],
        unique=True,
        postgresql_where=sa.text("request_key IS NOT NULL"),
    )
    op.create_table(
        "gateway_events",
        sa.Column(
            "gateway",
            sa.Enum(
                "sandbox",
                "stripe",
                "freedompay",
                "wallet",
                "cash",
                name="gatewayname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure", sa.String(length=300), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_gateway_events_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_events")),
        sa.UniqueConstraint("gateway", "event_id", name="uq_gateway_events_event"),
    )
    op.create_index(
        "ix_gateway_events_of_payment",
        "gateway_events",
        ["payment_id", "received_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_gateway_events_received", "gateway_events", ["received_at", "id"], unique=False
    )
    op.create_table(
        "refunds",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "succeeded",
                "failed",
                name="refundstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("failure_code", sa.String(length=100), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount BETWEEN 1 AND 1000000000000", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["users.id"], name=op.f("fk_refunds_requested_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("payment_id", "reference", name="uq_refunds_reference"),
    )
    op.create_index(
        "ix_refunds_of_payment", "refunds", ["payment_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_refunds_pending",
        "refunds",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "commissions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name=op.f("ck_commissions_share")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_commissions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_commissions")),
    )
    op.create_table(
        "payouts",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "customer_wallet",
                "deposits",
                "gateway_clearing",
                "gateway_fees",
                "organizer_payable",
                "payouts",
                "platform_revenue",
                "provider_payable",
                "refunds",
                name="accountkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "paid",
                "cancelled",
                name="payoutstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount BETWEEN 1 AND 1000000000000", name=op.f("ck_payouts_amount")),
        sa.CheckConstraint(
            "account IN ('organizer_payable', 'provider_payable')",
            name=op.f("ck_payouts_payable"),
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (settled_at IS NULL)", name=op.f("ck_payouts_settled")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_payouts_owner_id_users")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_payouts_proposed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["users.id"], name=op.f("fk_payouts_settled_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
    )
    op.create_index("ix_payouts_created", "payouts", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_payouts_of_owner", "payouts", ["owner_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_payouts_proposed",
        "payouts",
        ["owner_id", "account", "currency"],
        unique=False,
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_table(
        "wallet_transfers",
        sa.Column("from_user_id", sa.Uuid(), nullable=False),
        sa.Column("to_user_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "amount BETWEEN 1 AND 1000000000000", name=op.f("ck_wallet_transfers_amount")
        ),
        sa.CheckConstraint(
            "from_user_id <> to_user_id", name=op.f("ck_wallet_transfers_to_another")
        ),
        sa.ForeignKeyConstraint(
            ["from_user_id"], ["users.id"], name=op.f("fk_wallet_transfers_from_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["to_user_id"], ["users.id"], name=op.f("fk_wallet_transfers_to_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_transfers")),
    )
    op.create_index(
        "ix_wallet_transfers_received",
        "wallet_transfers",
        ["to_user_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_wallet_transfers_sent",
        "wallet_transfers",
        ["from_user_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "receipts",
        sa.Column(
            "kind",
            sa.Enum(
                "receipt",
                "credit_note",
                "reversal",
                name="receiptkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount BETWEEN 1 AND 1000000000000", name=op.f("ck_receipts_amount")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_receipts_number")),
        sa.CheckConstraint(
            "(kind = 'receipt') = (refund_id IS NULL)", name=op.f("ck_receipts_of_refund")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_receipts_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["users.id"], name=op.f("fk_receipts_customer_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["users.id"], name=op.f("fk_receipts_issuer_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_receipts_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_receipts_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("issuer_id", "number", name="uq_receipts_number"),
        sa.UniqueConstraint(
            "payment_id",
            "kind",
            "refund_id",
            name="uq_receipts_cause",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_receipts_issued", "receipts", ["issued_at", "id"], unique=False)
    op.create_index(
        "ix_receipts_of_customer", "receipts", ["customer_id", "issued_at", "id"], unique=False
    )
    op.create_index(
        "ix_receipts_of_issuer", "receipts", ["issuer_id", "issued_at", "id"], unique=False
    )
    op.create_table(
        "receipt_counters",
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["users.id"], name=op.f("fk_receipt_counters_issuer_id_users")
        ),
        sa.PrimaryKeyConstraint("issuer_id", name=op.f("pk_receipt_counters")),
        postgresql_with={"fillfactor": 50},
    )
    op.execute(BALANCED)
    op.execute(SEE_TO_IT)
    for table in BOOKS:
        op.execute(APPEND_ONLY.format(table=table))
        op.execute(KEEP.format(table=table))


def downgrade() -> None:
    op.drop_table("receipt_counters")
    op.drop_index("ix_receipts_of_issuer", table_name="receipts")
    op.drop_index("ix_receipts_of_customer", table_name="receipts")
    op.drop_index("ix_receipts_issued", table_name="receipts")
    op.drop_table("receipts")
    op.drop_index("ix_wallet_transfers_sent", table_name="wallet_transfers")
    op.drop_index("ix_wallet_transfers_received", table_name="wallet_transfers")
    op.drop_table("wallet_transfers")
    op.drop_index(
        "ix_payouts_proposed",
        table_name="payouts",
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.drop_index("ix_payouts_of_owner", table_name="payouts")
    op.drop_index("ix_payouts_created", table_name="payouts")
    op.drop_table("payouts")
    op.drop_table("commissions")
    op.drop_index(
        "ix_refunds_pending", table_name="refunds", postgresql_where=sa.text("state = 'pending'")
    )
    op.drop_index("ix_refunds_of_payment", table_name="refunds")
    op.drop_table("refunds")
    op.drop_index("ix_gateway_events_received", table_name="gateway_events")
    op.drop_index("ix_gateway_events_of_payment", table_name="gateway_events")
    op.drop_table("gateway_events")
    op.drop_index(
        "uq_payments_request",
        table_name="payments",
        postgresql_where=sa.text("request_key IS NOT NULL"),
    )
    op.drop_index(
        "ix_payments_unsettled",
        table_name="payments",
        postgresql_where=sa.text("state IN ('open', 'processing', 'authorized')"),
    )
    op.drop_index("ix_payments_of_user", table_name="payments")
    op.drop_index("ix_payments_of_booking", table_name="payments")
    op.drop_index("ix_payments_created", table_name="payments")
    op.drop_table("payments")
    op.drop_index("ix_ledger_postings_of_account", table_name="ledger_postings")
    op.drop_index(op.f("ix_ledger_postings_entry_id"), table_name="ledger_postings")
    op.drop_table("ledger_postings")
    op.drop_index("ix_ledger_accounts_of_owner", table_name="ledger_accounts")
    op.drop_table("ledger_accounts")
    op.drop_index("ix_ledger_entries_created", table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.execute("DROP FUNCTION ensure_balanced()")
