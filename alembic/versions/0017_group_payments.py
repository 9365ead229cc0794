"""Payments for several bookings."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CONDITIONS = {
    "share": "group_id IS NULL OR (booking_id IS NOT NULL AND reference IS NULL)",
    "group": "booking_ids IS NULL OR (booking_id IS NULL AND cardinality(booking_ids) > 1)",
}


def upgrade() -> None:
    op.add_column("payments", sa.Column("group_id", sa.Uuid(), nullable=True))
    op.add_column("payments", sa.Column("booking_ids", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.create_foreign_key(
        op.f("fk_payments_group_id_payments"), "payments", "payments", ["group_id"], ["id"]
    )
    for name, condition in CONDITIONS.items():
        op.create_check_constraint(op.f(f"ck_payments_{name}"), "payments", condition)
    op.create_index(
        "ix_payments_of_group",
        "payments",
        ["group_id", "created_at", "id"],
        postgresql_where=sa.text("group_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_payments_of_group", table_name="payments")
    op.drop_column("payments", "booking_ids")
    op.drop_column("payments", "group_id")
