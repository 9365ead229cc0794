"""Disputes: what banks take back of payments."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DISPUTES = ("dispute_fee", "dispute_fee_back", "dispute_reinstated", "dispute_withdrawn")
KINDS = (
    *("booking_earned", "gateway_fee", "payment_captured", "payout", "refund_failed"),
    *("refund_planned", "refund_succeeded", "wallet_topped_up", "wallet_transfer"),
)


def allow(kinds: Sequence[str]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in sorted(kinds))
    op.drop_constraint(op.f("ck_ledger_entries_entrykind"), "ledger_entries")
    op.create_check_constraint(
        op.f("ck_ledger_entries_entrykind"), "ledger_entries", f"kind IN ({listed})"
    )


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "inquiry",
                "open",
                "dropped",
                "lost",
                "won",
                name="disputestate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=100), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reinstated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("borne_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
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
        sa.CheckConstraint("amount BETWEEN 1 AND 1000000000000", name=op.f("ck_disputes_amount")),
        sa.CheckConstraint("borne_amount BETWEEN 0 AND amount", name=op.f("ck_disputes_borne")),
        sa.CheckConstraint(
            "reinstated_at IS NULL OR withdrawn_at IS NOT NULL",
            name=op.f("ck_disputes_taken_before_it_came_back"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("payment_id", "reference", name="uq_disputes_reference"),
    )
    op.create_index("ix_disputes_created", "disputes", ["created_at", "id"], unique=False)
    op.add_column(
        "payments",
        sa.Column("disputed_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.create_check_constraint(op.f("ck_payments_disputed"), "payments", "disputed_amount >= 0")
    allow((*KINDS, *DISPUTES))


def downgrade() -> None:
    allow(KINDS)
    op.drop_constraint(op.f("ck_payments_disputed"), "payments")
    op.drop_column("payments", "disputed_amount")
    op.drop_index("ix_disputes_created", table_name="disputes")
    op.drop_table("disputes")
