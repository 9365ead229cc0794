"""Deposits, and what was paid for a booking."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SOLD = ("offerings", "events")
STATUSES = ("not_required", "unpaid", "paid", "partially_refunded", "refunded")
COUNT = """
UPDATE bookings SET paid_amount = paid.captured, refunded_amount = paid.refunded
FROM (
    SELECT booking_id, sum(captured_amount) AS captured, sum(refunded_amount) AS refunded
    FROM payments WHERE booking_id IS NOT NULL GROUP BY booking_id
) AS paid
WHERE paid.booking_id = bookings.id AND paid.captured > 0
"""
FORGET = "UPDATE bookings SET payment_status = 'unpaid' WHERE payment_status = 'partially_paid'"


def _deposit(table: str) -> None:
    """Add the columns of a deposit, and what holds of them."""
    rest = sa.Enum(
        "on_site",
        "later",
        name="depositrest",
        native_enum=False,
        create_constraint=True,
        length=20,
    )
    op.add_column(table, sa.Column("deposit_percent", sa.SmallInteger(), nullable=True))
    op.add_column(table, sa.Column("deposit_amount", sa.BigInteger(), nullable=True))
    if table in SOLD:
        op.add_column(table, sa.Column("deposit_currency", sa.String(3), nullable=True))
    op.add_column(table, sa.Column("deposit_rest", rest, nullable=True))
    given = {
        "deposit_percent": "deposit_percent BETWEEN 1 AND 100",
        "deposit_amount": "deposit_amount BETWEEN 1 AND 1000000000000",
        "deposit": "num_nonnulls(deposit_percent, deposit_amount) = num_nonnulls(deposit_rest)",
    }
    if table in SOLD:
        given["deposit_currency"] = (
            "(deposit_amount IS NULL) = (deposit_currency IS NULL)"
            " AND (deposit_currency IS NULL OR deposit_currency = price_currency)"
        )
    for name, condition in given.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _payment_status(*statuses: str) -> None:
    given = ", ".join(f"'{status}'" for status in statuses)
    op.drop_constraint(op.f("ck_bookings_paymentstatus"), "bookings", type_="check")
    op.create_check_constraint(
        op.f("ck_bookings_paymentstatus"), "bookings", f"payment_status IN ({given})"
    )


def upgrade() -> None:
    for table in (*SOLD, "bookings"):
        _deposit(table)
    for name in ("paid_amount", "refunded_amount"):
        nothing = sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
        op.add_column("bookings", nothing)
    op.add_column("bookings", sa.Column("rest_told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(COUNT)
    op.create_check_constraint(
        op.f("ck_bookings_paid"), "bookings", "refunded_amount BETWEEN 0 AND paid_amount"
    )
    _payment_status("not_required", "unpaid", "partially_paid", *STATUSES[2:])
    op.create_index(
        "ix_bookings_rest_due",
        "bookings",
        ["starts_at"],
        postgresql_where=sa.text("payment_status = 'partially_paid' AND status = 'confirmed'"),
    )


def downgrade() -> None:
    op.drop_index("ix_bookings_rest_due", table_name="bookings")
    op.execute(FORGET)
    _payment_status(*STATUSES)
    for name in ("rest_told_at", "refunded_amount", "paid_amount"):
        op.drop_column("bookings", name)
    for table in ("bookings", *reversed(SOLD)):
        op.drop_column(table, "deposit_rest")
        if table in SOLD:
            op.drop_column(table, "deposit_currency")
        op.drop_column(table, "deposit_amount")
        op.drop_column(table, "deposit_percent")
