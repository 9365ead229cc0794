"""Events: their seats, tickets and waitlists."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BEFORE = ("booked", "cancelled", "completed", "confirmed", "declined", "expired", "no_show")
KINDS = (*BEFORE, "rescheduled")


def _allow(kinds: Sequence[str]) -> None:
    """Let the history of a booking tell of these kinds of change."""
    named = ", ".join(f"'{kind}'" for kind in kinds)
    name = op.f("ck_booking_changes_changekind")
    op.drop_constraint(name, "booking_changes", type_="check")
    op.create_check_constraint(name, "booking_changes", f"kind IN ({named})")


def upgrade() -> None:
    _allow((*KINDS, "reduced", "transferred"))
    op.create_table(
        "events",
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("description", sa.String(length=10000), nullable=True),
        sa.Column(
            "tags",
            postgresql.ARRAY(sa.String(length=40)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "published",
                "cancelled",
                "completed",
                name="eventstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_local", sa.String(length=19), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.String(length=300), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("online_url", sa.String(length=2000), nullable=True),
        sa.Column("cover_id", sa.Uuid(), nullable=True),
        sa.Column("max_participants", sa.Integer(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.String(length=3), nullable=False),
        sa.Column("free_until_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "late_fee_percent", sa.SmallInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column(
            "searched",
            sa.Text(),
            sa.Computed(
                "lower(title || ' ' || coalesce(location, '') || ' ' || coalesce(description, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
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
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_events_place")
        ),
        sa.CheckConstraint("free_until_minutes >= 0", name=op.f("ck_events_free_until")),
        sa.CheckConstraint("late_fee_percent BETWEEN 0 AND 100", name=op.f("ck_events_late_fee")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_events_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_events_longitude")),
        sa.CheckConstraint(
            "max_participants BETWEEN 1 AND 1000000", name=op.f("ck_events_participants")
        ),
        sa.CheckConstraint(
            "price_amount BETWEEN 0 AND 1000000000000", name=op.f("ck_events_price")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_events_in_order")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_events_category_id_categories")
        ),
        sa.ForeignKeyConstraint(
            ["cancelled_by"], ["users.id"], name=op.f("fk_events_cancelled_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["users.id"], name=op.f("fk_events_organizer_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_category_id"), "events", ["category_id"], unique=False)
    op.create_index("ix_events_created", "events", ["status", "created_at", "id"], unique=False)
    op.create_index(
        "ix_events_of_organizer", "events", ["organizer_id", "starts_at", "id"], unique=False
    )
    op.create_index(
        "ix_events_over",
        "events",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_events_place",
        "events",
        [sa.literal_column("point(longitude, latitude)")],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "ix_events_searched",
        "events",
        ["searched"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"searched": "gin_trgm_ops"},
    )
    op.create_index("ix_events_starting", "events", ["status", "starts_at", "id"], unique=False)
    op.create_index("ix_events_tags", "events", ["tags"], unique=False, postgresql_using="gin")
    op.create_index("ix_events_titled", "events", ["status", "title", "id"], unique=False)
    op.create_table(
        "event_capacity",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("waiting", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("joined", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_event_capacity_taken")),
        sa.CheckConstraint("waiting BETWEEN 0 AND joined", name=op.f("ck_event_capacity_waiting")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_capacity_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_capacity")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "ticket_types",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.String(length=3), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("max_per_booking", sa.Integer(), nullable=False),
        sa.Column("sales_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sales_end", sa.DateTime(timezone=True), nullable=True),
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
        sa.CheckConstraint("capacity BETWEEN 1 AND 1000000", name=op.f("ck_ticket_types_capacity")),
        sa.CheckConstraint(
            "max_per_booking BETWEEN 1 AND 100", name=op.f("ck_ticket_types_per_booking")
        ),
        sa.CheckConstraint(
            "price_amount BETWEEN 0 AND 1000000000000", name=op.f("ck_ticket_types_price")
        ),
        sa.CheckConstraint("sales_start < sales_end", name=op.f("ck_ticket_types_sales")),
        sa.CheckConstraint(
            "taken >= 0 AND (capacity IS NULL OR taken <= capacity)",
            name=op.f("ck_ticket_types_taken"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_ticket_types_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_types")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        "ix_ticket_types_of_event", "ticket_types", ["event_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "tickets",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "held",
                "valid",
                "checked_in",
                "cancelled",
                name="ticketstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("attendee_name", sa.String(length=150), nullable=True),
        sa.Column("attendee_email", sa.String(length=254), nullable=True),
        sa.Column("code_version", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'checked_in') = (checked_in_at IS NOT NULL)",
            name=op.f("ck_tickets_checked_in"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_tickets_booking_id_bookings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_tickets_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["ticket_types.id"],
            name=op.f("fk_tickets_ticket_type_id_ticket_types"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    op.create_index(
        "ix_tickets_attendee_email",
        "tickets",
        ["attendee_email"],
        unique=False,
        postgresql_where=sa.text("attendee_email IS NOT NULL"),
    )
    op.create_index(op.f("ix_tickets_booking_id"), "tickets", ["booking_id"], unique=False)
    op.create_index("ix_tickets_of_event", "tickets", ["event_id", "id"], unique=False)
    op.create_index(op.f("ix_tickets_ticket_type_id"), "tickets", ["ticket_type_id"], unique=False)
    op.create_table(
        "waitlist_entries",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
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
        sa.CheckConstraint(
            "status <> 'offered' OR offer_expires_at IS NOT NULL",
            name=op.f("ck_waitlist_entries_offers_end"),
        ),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_waitlist_entries_seats")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_waitlist_entries_booking_id_bookings"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_waitlist_entries_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_waitlist_entries_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entries")),
    )
    op.create_index(
        "ix_waitlist_entries_of_user",
        "waitlist_entries",
        ["user_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_waitlist_entries_offered",
        "waitlist_entries",
        ["event_id", "offer_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_index(
        "ix_waitlist_entries_waiting",
        "waitlist_entries",
        ["event_id", "place"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "uq_waitlist_entries_of_user",
        "waitlist_entries",
        ["event_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )
    op.create_index(
        "uq_waitlist_entries_place", "waitlist_entries", ["event_id", "place"], unique=True
    )
    op.create_table(
        "check_ins",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "in",
                "undone",
                name="checkinkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("nonce", sa.String(length=100), nullable=True),
        sa.Column("forced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_check_ins_actor_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_check_ins_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
            name=op.f("fk_check_ins_ticket_id_tickets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
    )
    op.create_index(
        "ix_check_ins_of_event", "check_ins", ["event_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_check_ins_nonce",
        "check_ins",
        ["ticket_id", "nonce"],
        unique=True,
        postgresql_where=sa.text("nonce IS NOT NULL"),
    )
    op.add_column(
        "bookings",
        sa.Column(
            "items", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.create_index(
        "ix_bookings_held_of_event",
        "bookings",
        ["event_id", "hold_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending' AND event_id IS NOT NULL"),
    )
    op.create_index(
        "ix_bookings_of_event",
        "bookings",
        ["event_id", "starts_at", "id"],
        unique=False,
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )
    op.create_check_constraint(
        op.f("ck_bookings_items"), "bookings", "(kind = 'event') = (items IS NOT NULL)"
    )
    op.create_foreign_key(
        op.f("fk_bookings_event_id_events"), "bookings", "events", ["event_id"], ["id"]
    )


def downgrade() -> None:
    op.execute("DELETE FROM booking_changes WHERE kind IN ('reduced', 'transferred')")
    _allow(KINDS)
    op.drop_constraint(op.f("ck_bookings_items"), "bookings", type_="check")
    op.drop_constraint(op.f("fk_bookings_event_id_events"), "bookings", type_="foreignkey")
    op.drop_index(
        "ix_bookings_of_event",
        table_name="bookings",
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_bookings_held_of_event",
        table_name="bookings",
        postgresql_where=sa.text("status = 'pending' AND event_id IS NOT NULL"),
    )
    op.drop_column("bookings", "items")
    op.drop_index(
        "uq_check_ins_nonce", table_name="check_ins", postgresql_where=sa.text("nonce IS NOT NULL")
    )
    op.drop_index("ix_check_ins_of_event", table_name="check_ins")
    op.drop_table("check_ins")
    op.drop_index("uq_waitlist_entries_place", table_name="waitlist_entries")
    op.drop_index(
        "uq_waitlist_entries_of_user",
        table_name="waitlist_entries",
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )
    op.drop_index(
        "ix_waitlist_entries_waiting",
        table_name="waitlist_entries",
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index(
        "ix_waitlist_entries_offered",
        table_name="waitlist_entries",
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.drop_index("ix_waitlist_entries_of_user", table_name="waitlist_entries")
    op.drop_table("waitlist_entries")
    op.drop_index(op.f("ix_tickets_ticket_type_id"), table_name="tickets")
    op.drop_index("ix_tickets_of_event", table_name="tickets")
    op.drop_index(
        "ix_tickets_attendee_email",
        table_name="tickets",
        postgresql_where=sa.text("attendee_email IS NOT NULL"),
    )
    op.drop_index(op.f("ix_tickets_booking_id"), table_name="tickets")
    op.drop_table("tickets")
    op.drop_index("ix_ticket_types_of_event", table_name="ticket_types")
    op.drop_table("ticket_types")
    op.drop_table("event_capacity")
    op.drop_index("ix_events_titled", table_name="events")
    op.drop_index("ix_events_tags", table_name="events", postgresql_using="gin")
    op.drop_index("ix_events_starting", table_name="events")
    op.drop_index(
        "ix_events_searched",
        table_name="events",
        postgresql_using="gin",
        postgresql_ops={"searched": "gin_trgm_ops"},
    )
    op.drop_index("ix_events_place", table_name="events", postgresql_using="gist")
    op.drop_index(
        "ix_events_over", table_name="events", postgresql_where=sa.text("status = 'published'")
    )
    op.drop_index("ix_events_of_organizer", table_name="events")
    op.drop_index("ix_events_created", table_name="events")
    op.drop_index(op.f("ix_events_category_id"), table_name="events")
    op.drop_table("events")
