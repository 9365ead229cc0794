"""Absence, closed days, limits, the history of bookings, and calendars."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AGREED = """
UPDATE bookings SET starts_local = to_char(starts_at AT TIME ZONE timezone, 'YYYY-MM-DD"T"HH24:MI:SS')
"""


def upgrade() -> None:
    op.create_table(
        "closures",
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "first_day <= last_day AND last_day - first_day < 366",
            name=op.f("ck_closures_in_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    op.create_index("ix_closures_days", "closures", ["first_day", "id"], unique=False)
    op.create_table(
        "calendar_feeds",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["providers.id"],
            name=op.f("fk_calendar_feeds_provider_id_providers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_calendar_feeds_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
    )
    op.create_index(
        "uq_calendar_feeds_of_user",
        "calendar_feeds",
        ["user_id", sa.literal_column("(provider_id IS NULL)")],
        unique=True,
    )
    op.create_table(
        "external_calendars",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("etag", sa.String(length=300), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["providers.id"],
            name=op.f("fk_external_calendars_provider_id_providers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_calendars")),
    )
    op.create_index(
        "ix_external_calendars_of_provider",
        "external_calendars",
        ["provider_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "overrides",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("windows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["providers.id"],
            name=op.f("fk_overrides_provider_id_providers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index("uq_overrides_of_provider", "overrides", ["provider_id", "day"], unique=True)
    op.create_table(
        "time_off",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "away",
            postgresql.TSTZRANGE(),
            sa.Computed("tstzrange(starts_at, ends_at)", persisted=True),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_time_off_in_order")),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["providers.id"],
            name=op.f("fk_time_off_provider_id_providers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_off")),
    )
    op.create_index(
        "ix_time_off_away",
        "time_off",
        ["provider_id", "away"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "ix_time_off_of_provider", "time_off", ["provider_id", "starts_at", "id"], unique=False
    )
    op.create_table(
        "booking_changes",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "booked",
                "cancelled",
                "completed",
                "confirmed",
                "declined",
                "expired",
                "no_show",
                "rescheduled",
                name="changekind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "confirmed",
                "completed",
                "no_show",
                "expired",
                "declined",
                "cancelled",
                name="bookingstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("moved_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_booking_changes_actor_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_booking_changes_booking_id_bookings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_changes")),
    )
    op.create_index(
        "ix_booking_changes_of_booking",
        "booking_changes",
        ["booking_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "external_busy",
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "away",
            postgresql.TSTZRANGE(),
            sa.Computed("tstzrange(starts_at, ends_at)", persisted=True),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_external_busy_in_order")),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["external_calendars.id"],
            name=op.f("fk_external_busy_calendar_id_external_calendars"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["providers.id"],
            name=op.f("fk_external_busy_provider_id_providers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_busy")),
    )
    op.create_index(
        "ix_external_busy_away",
        "external_busy",
        ["provider_id", "away"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        op.f("ix_external_busy_calendar_id"), "external_busy", ["calendar_id"], unique=False
    )
    op.add_column("bookings", sa.Column("starts_local", sa.String(length=19), nullable=True))
    op.execute(AGREED)
    op.alter_column("bookings", "starts_local", nullable=False)
    op.add_column(
        "bookings",
        sa.Column("late_fee_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column(
        "bookings", sa.Column("sequence", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("providers", sa.Column("min_notice_minutes", sa.Integer(), nullable=True))
    op.add_column("providers", sa.Column("max_horizon_days", sa.Integer(), nullable=True))
    op.add_column("providers", sa.Column("slot_step_minutes", sa.Integer(), nullable=True))
    op.add_column("providers", sa.Column("max_per_day", sa.Integer(), nullable=True))
    op.add_column("providers", sa.Column("max_per_week", sa.Integer(), nullable=True))
    op.add_column(
        "providers",
        sa.Column("hours_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_index(
        "ix_providers_place",
        "providers",
        [sa.literal_column("point(longitude, latitude)")],
        unique=False,
        postgresql_using="gist",
    )


def downgrade() -> None:
    op.drop_index("ix_providers_place", table_name="providers", postgresql_using="gist")
    op.drop_column("providers", "hours_version")
    op.drop_column("providers", "max_per_week")
    op.drop_column("providers", "max_per_day")
    op.drop_column("providers", "slot_step_minutes")
    op.drop_column("providers", "max_horizon_days")
    op.drop_column("providers", "min_notice_minutes")
    op.drop_column("bookings", "sequence")
    op.drop_column("bookings", "late_fee_amount")
    op.drop_column("bookings", "starts_local")
    op.drop_index(op.f("ix_external_busy_calendar_id"), table_name="external_busy")
    op.drop_index("ix_external_busy_away", table_name="external_busy", postgresql_using="gist")
    op.drop_table("external_busy")
    op.drop_index("ix_booking_changes_of_booking", table_name="booking_changes")
    op.drop_table("booking_changes")
    op.drop_index("ix_time_off_of_provider", table_name="time_off")
    op.drop_index("ix_time_off_away", table_name="time_off", postgresql_using="gist")
    op.drop_table("time_off")
    op.drop_index("uq_overrides_of_provider", table_name="overrides")
    op.drop_table("overrides")
    op.drop_index("ix_external_calendars_of_provider", table_name="external_calendars")
    op.drop_table("external_calendars")
    op.drop_index("uq_calendar_feeds_of_user", table_name="calendar_feeds")
    op.drop_table("calendar_feeds")
    op.drop_index("ix_closures_days", table_name="closures")
    op.drop_table("closures")
