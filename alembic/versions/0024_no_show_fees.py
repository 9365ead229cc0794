"""A fee for not coming, beside the one for cancelling late."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SOLD = ("offerings", "events")
CONDITIONS = {
    "no_show_fee_percent": "no_show_fee_percent BETWEEN 0 AND 100",
    "no_show_fee_amount": "no_show_fee_amount BETWEEN 0 AND 1000000000000",
    "no_show_fee": "num_nonnulls(no_show_fee_percent, no_show_fee_amount) <= 1",
}
IN_ITS_CURRENCY = (
    "(no_show_fee_amount IS NULL) = (no_show_fee_currency IS NULL)"
    " AND (no_show_fee_currency IS NULL OR no_show_fee_currency = price_currency)"
)
MISSED = "missed_fee_amount BETWEEN 0 AND late_fee_amount"
# What was due by the terms: not coming cost as much as cancelling late.
COUNT = """
UPDATE bookings SET missed_fee_amount =
    least(late_fee_amount, (price_amount * late_fee_percent + 50) / 100)
WHERE status = 'no_show' AND late_fee_amount > 0
"""


def upgrade() -> None:
    for table in (*SOLD, "bookings"):
        op.add_column(table, sa.Column("no_show_fee_percent", sa.SmallInteger(), nullable=True))
        op.add_column(table, sa.Column("no_show_fee_amount", sa.BigInteger(), nullable=True))
        for name, condition in CONDITIONS.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    for table in SOLD:
        op.add_column(table, sa.Column("no_show_fee_currency", sa.String(3), nullable=True))
        op.create_check_constraint(op.f(f"ck_{table}_no_show_fee_currency"), table, IN_ITS_CURRENCY)
    nothing = sa.text("0")
    op.add_column(
        "bookings",
        sa.Column("missed_fee_amount", sa.BigInteger(), server_default=nothing, nullable=False),
    )
    op.execute(COUNT)
    op.create_check_constraint(op.f("ck_bookings_missed_fee"), "bookings", MISSED)


def downgrade() -> None:
    op.drop_column("bookings", "missed_fee_amount")
    for table in SOLD:
        op.drop_column(table, "no_show_fee_currency")
    for table in (*SOLD, "bookings"):
        op.drop_column(table, "no_show_fee_amount")
        op.drop_column(table, "no_show_fee_percent")
