"""Fees charged to saved cards."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "payments",
        sa.Column("is_fee", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "uq_payments_fee",
        "payments",
        ["booking_id"],
        unique=True,
        postgresql_where=sa.text("is_fee"),
    )


def downgrade() -> None:
    op.drop_index("uq_payments_fee", table_name="payments", postgresql_where=sa.text("is_fee"))
    op.drop_column("payments", "is_fee")
