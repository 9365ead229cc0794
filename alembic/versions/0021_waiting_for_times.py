"""Waiting for times with providers, and times that are kept for who waits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "slot_waits",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column(
            "windows", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "offered",
                "taken",
                "lapsed",
                "left",
                name="waitliststatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("offered_by", sa.Uuid(), nullable=True),
        sa.Column("offer_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_blocked_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "offer_blocked",
            postgresql.TSTZRANGE(),
            sa.Computed("tstzrange(offer_blocked_from, offer_blocked_until)", persisted=True),
            nullable=True,
        ),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
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
        postgresql.ExcludeConstraint(
            (sa.column("offered_by"), "="),
            (sa.column("offer_blocked"), "&&"),
            where=sa.text("status = 'offered'"),
            using="gist",
            name="no_overlapping_offers",
        ),
        sa.CheckConstraint(
            "status <> 'offered' OR offered_by IS NOT NULL", name=op.f("ck_slot_waits_offers")
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_slot_waits_days")),
        sa.CheckConstraint(
            "num_nulls(offered_by, offer_starts_at, offer_blocked_from, offer_blocked_until, offer_expires_at) IN (0, 5)",
            name=op.f("ck_slot_waits_whole_offer"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_slot_waits_booking_id_bookings"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["offered_by"],
            ["providers.id"],
            name=op.f("fk_slot_waits_offered_by_providers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["providers.id"],
            name=op.f("fk_slot_waits_provider_id_providers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["offerings.id"],
            name=op.f("fk_slot_waits_service_id_offerings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_slot_waits_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_waits")),
    )
    op.create_index(
        "ix_slot_waits_of_service", "slot_waits", ["service_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_slot_waits_of_user", "slot_waits", ["user_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_slot_waits_offered",
        "slot_waits",
        ["offered_by", "offer_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_index(
        "ix_slot_waits_waiting",
        "slot_waits",
        ["service_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "uq_slot_waits_of_user",
        "slot_waits",
        ["service_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )


def downgrade() -> None:
    op.drop_table("slot_waits")
