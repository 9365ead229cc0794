"""Money that is kept first, and taken once its customer gets what they booked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CONDITIONS = {
    "capture_amount": "capture_amount BETWEEN 1 AND amount",
    "capture": "capture_amount IS NULL OR capture = 'manual'",
}


def upgrade() -> None:
    for table in ("offerings", "events", "payments"):
        mode = sa.Enum(
            "automatic",
            "manual",
            name="capturemode",
            native_enum=False,
            create_constraint=True,
            length=20,
        )
        default = sa.text("'automatic'")
        op.add_column(table, sa.Column("capture", mode, server_default=default, nullable=False))
    op.add_column("payments", sa.Column("capture_amount", sa.BigInteger(), nullable=True))
    op.add_column("payments", sa.Column("authorized_at", sa.DateTime(timezone=True), nullable=True))
    for name, condition in CONDITIONS.items():
        op.create_check_constraint(op.f(f"ck_payments_{name}"), "payments", condition)


def downgrade() -> None:
    for name in ("authorized_at", "capture_amount", "capture"):
        op.drop_column("payments", name)
    for table in ("events", "offerings"):
        op.drop_column(table, "capture")
