"""When a gateway is asked again about what was paid."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Spread over a day, so that no gateway is asked about all of them at once.
BEGIN = """
UPDATE payments SET look_at = now() + random() * interval '1 day'
WHERE state = 'paid' AND paid_at > now() - interval '90 days' AND gateway NOT IN ('wallet', 'cash')
"""


def upgrade() -> None:
    op.add_column("payments", sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_payments_to_look_at",
        "payments",
        ["look_at"],
        unique=False,
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.execute(BEGIN)


def downgrade() -> None:
    op.drop_index("ix_payments_to_look_at", table_name="payments")
    op.drop_column("payments", "look_at")
