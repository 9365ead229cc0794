"""What is told at once, and the tickets that open a connection."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TYPES = ("booking", "message", "notification", "presence", "read", "typing")


def upgrade() -> None:
    op.execute("CREATE SEQUENCE realtime_positions")
    op.create_table(
        "realtime_frames",
        sa.Column("arrived", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "type",
            sa.Enum(*TYPES, name="frametype", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("user_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_realtime_frames")),
        sa.UniqueConstraint("position", name=op.f("uq_realtime_frames_position")),
    )
    op.create_index(op.f("ix_realtime_frames_ordered_at"), "realtime_frames", ["ordered_at"])
    op.create_index(
        "ix_realtime_frames_waiting",
        "realtime_frames",
        ["arrived"],
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_index(
        "ix_realtime_frames_user_ids", "realtime_frames", ["user_ids"], postgresql_using="gin"
    )
    op.create_table(
        "realtime_tickets",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_realtime_tickets_session_id_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_realtime_tickets")),
    )
    op.create_index(op.f("ix_realtime_tickets_session_id"), "realtime_tickets", ["session_id"])
    op.create_index(op.f("ix_realtime_tickets_expires_at"), "realtime_tickets", ["expires_at"])


def downgrade() -> None:
    op.drop_table("realtime_tickets")
    op.drop_table("realtime_frames")
    op.execute("DROP SEQUENCE realtime_positions")
