"""Reminders: how long before, and how far they were announced."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("offerings", "events")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table,
            sa.Column(
                "reminder_minutes",
                postgresql.ARRAY(sa.Integer()),
                server_default=sa.text("'{1440,120}'"),
                nullable=False,
            ),
        )
        op.create_check_constraint(
            op.f(f"ck_{table}_reminders"), table, "cardinality(reminder_minutes) <= 5"
        )
    op.create_table(
        "reminder_progress",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("announced_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reminder_progress_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_progress")),
    )


def downgrade() -> None:
    op.drop_table("reminder_progress")
    for table in TABLES:
        op.drop_constraint(op.f(f"ck_{table}_reminders"), table, type_="check")
        op.drop_column(table, "reminder_minutes")
