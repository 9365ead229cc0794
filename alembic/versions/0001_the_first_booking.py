"""The tables of the first booking: accounts, catalog, schedules, bookings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "categories",
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
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
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_categories_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id_categories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("slug", name="uq_categories_slug"),
    )
    op.create_index(op.f("ix_categories_parent_id"), "categories", ["parent_id"], unique=False)
    op.create_table(
        "idempotency_records",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency_records")),
    )
    op.create_table(
        "users",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("username", sa.String(length=30), nullable=True),
        sa.Column("full_name", sa.String(length=100), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "pending",
                "deactivated",
                name="userstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "locale",
            sa.Enum(
                "en",
                "ru",
                "uk",
                name="locale",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("photo_url", sa.Text(), nullable=True),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_index(
        "uq_users_username",
        "users",
        ["username"],
        unique=True,
        postgresql_where=sa.text("status <> 'pending'"),
    )
    op.create_table(
        "email_verifications",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("tries", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_email_verifications_user_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_verifications")),
    )
    op.create_index(
        "ix_email_verifications_of_address",
        "email_verifications",
        ["email", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_email_verifications_user_id"), "email_verifications", ["user_id"], unique=False
    )
    op.create_table(
        "offerings",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("description", sa.String(length=5000), nullable=True),
        sa.Column(
            "tags",
            postgresql.ARRAY(sa.String(length=40)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column(
            "buffer_before_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "buffer_after_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("slot_step_minutes", sa.Integer(), nullable=False),
        sa.Column("min_notice_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("max_horizon_days", sa.Integer(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.String(length=3), nullable=False),
        sa.Column(
            "payment",
            sa.Enum(
                "prepaid",
                "on_site",
                "free",
                name="paymentterms",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "approval_required", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("free_until_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "late_fee_percent", sa.SmallInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "active",
                "archived",
                name="offeringstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("rating_average", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("rating_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "searched",
            sa.Text(),
            sa.Computed("lower(name || ' ' || coalesce(description, ''))", persisted=True),
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
            "buffer_after_minutes BETWEEN 0 AND 480", name=op.f("ck_offerings_buffer_after")
        ),
        sa.CheckConstraint(
            "buffer_before_minutes BETWEEN 0 AND 480", name=op.f("ck_offerings_buffer_before")
        ),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name=op.f("ck_offerings_lasts")),
        sa.CheckConstraint("free_until_minutes >= 0", name=op.f("ck_offerings_free_until")),
        sa.CheckConstraint(
            "late_fee_percent BETWEEN 0 AND 100", name=op.f("ck_offerings_late_fee")
        ),
        sa.CheckConstraint("max_horizon_days BETWEEN 1 AND 730", name=op.f("ck_offerings_horizon")),
        sa.CheckConstraint(
            "min_notice_minutes BETWEEN 0 AND 525600", name=op.f("ck_offerings_notice")
        ),
        sa.CheckConstraint(
            "price_amount BETWEEN 0 AND 1000000000000", name=op.f("ck_offerings_price")
        ),
        sa.CheckConstraint("slot_step_minutes BETWEEN 1 AND 1440", name=op.f("ck_offerings_steps")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_offerings_category_id_categories")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_offerings_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offerings")),
    )
    op.create_index(op.f("ix_offerings_category_id"), "offerings", ["category_id"], unique=False)
    op.create_index(
        "ix_offerings_created", "offerings", ["status", "created_at", "id"], unique=False
    )
    op.create_index("ix_offerings_named", "offerings", ["status", "name", "id"], unique=False)
    op.create_index(op.f("ix_offerings_owner_id"), "offerings", ["owner_id"], unique=False)
    op.create_index(
        "ix_offerings_priced", "offerings", ["status", "price_amount", "id"], unique=False
    )
    op.create_index(
        "ix_offerings_rated", "offerings", ["status", "rating_average", "id"], unique=False
    )
    op.create_index(
        "ix_offerings_searched",
        "offerings",
        ["searched"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"searched": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_offerings_tags", "offerings", ["tags"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "providers",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("bio", sa.String(length=2000), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=300), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("photo_url", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "pending",
                "inactive",
                name="providerstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("rating_average", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("rating_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "searched",
            sa.Text(),
            sa.Computed("lower(name || ' ' || coalesce(bio, ''))", persisted=True),
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
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_providers_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_providers_longitude")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_providers_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
        sa.UniqueConstraint("user_id", name=op.f("uq_providers_user_id")),
    )
    op.create_index("ix_providers_named", "providers", ["status", "name", "id"], unique=False)
    op.create_index(
        "ix_providers_rated", "providers", ["status", "rating_average", "id"], unique=False
    )
    op.create_index(
        "ix_providers_searched",
        "providers",
        ["searched"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"searched": "gin_trgm_ops"},
    )
    op.create_table(
        "sessions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "bookings",
        sa.Column(
            "kind",
            sa.Enum(
                "appointment",
                "event",
                name="bookingkind",
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
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("organizer_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "blocked",
            postgresql.TSTZRANGE(),
            sa.Computed("tstzrange(blocked_from, blocked_until)", persisted=True),
            nullable=False,
        ),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.String(length=3), nullable=False),
        sa.Column(
            "payment_status",
            sa.Enum(
                "not_required",
                "unpaid",
                "paid",
                "partially_refunded",
                "refunded",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("free_until_minutes", sa.Integer(), nullable=False),
        sa.Column("late_fee_percent", sa.SmallInteger(), nullable=False),
        sa.Column("hold_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notes", sa.String(length=1000), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("provider_id"), "="),
            (sa.column("blocked"), "&&"),
            where=sa.text("kind = 'appointment' AND status IN ('pending', 'confirmed')"),
            using="gist",
            name="no_overlapping_appointments",
        ),
        sa.CheckConstraint(
            "(kind = 'appointment' AND service_id IS NOT NULL AND provider_id IS NOT NULL AND event_id IS NULL) OR (kind = 'event' AND event_id IS NOT NULL AND service_id IS NULL AND provider_id IS NULL)",
            name=op.f("ck_bookings_one_kind"),
        ),
        sa.CheckConstraint(
            "kind <> 'appointment' OR blocked_until - blocked_from <= interval '48 hours'",
            name=op.f("ck_bookings_bounded"),
        ),
        sa.CheckConstraint(
            "status <> 'pending' OR hold_expires_at IS NOT NULL", name=op.f("ck_bookings_holds_end")
        ),
        sa.CheckConstraint(
            "blocked_from <= starts_at AND starts_at < ends_at AND ends_at <= blocked_until",
            name=op.f("ck_bookings_in_order"),
        ),
        sa.CheckConstraint(
            "price_amount BETWEEN 0 AND 1000000000000", name=op.f("ck_bookings_price")
        ),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_bookings_seats")),
        sa.ForeignKeyConstraint(
            ["cancelled_by"], ["users.id"], name=op.f("fk_bookings_cancelled_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["users.id"], name=op.f("fk_bookings_customer_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["users.id"], name=op.f("fk_bookings_organizer_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_bookings_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["offerings.id"], name=op.f("fk_bookings_service_id_offerings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    op.create_index(
        "ix_bookings_held",
        "bookings",
        ["hold_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_bookings_of_customer", "bookings", ["customer_id", "starts_at", "id"], unique=False
    )
    op.create_index(
        "ix_bookings_of_organizer", "bookings", ["organizer_id", "starts_at", "id"], unique=False
    )
    op.create_index(
        "ix_bookings_of_provider", "bookings", ["provider_id", "starts_at", "id"], unique=False
    )
    op.create_index(
        "ix_bookings_of_service", "bookings", ["service_id", "starts_at", "id"], unique=False
    )
    op.create_index("ix_bookings_starting", "bookings", ["starts_at", "id"], unique=False)
    op.create_table(
        "provider_offerings",
        sa.Column("offering_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=True),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 1 AND 1440", name=op.f("ck_provider_offerings_lasts")
        ),
        sa.CheckConstraint(
            "price_amount BETWEEN 0 AND 1000000000000", name=op.f("ck_provider_offerings_price")
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"],
            ["offerings.id"],
            name=op.f("fk_provider_offerings_offering_id_offerings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["providers.id"],
            name=op.f("fk_provider_offerings_provider_id_providers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("offering_id", "provider_id", name=op.f("pk_provider_offerings")),
    )
    op.create_index(
        op.f("ix_provider_offerings_provider_id"),
        "provider_offerings",
        ["provider_id"],
        unique=False,
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_refresh_tokens_session_id_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(
        op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"], unique=False
    )
    op.create_table(
        "schedules",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("weekly", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
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
            name=op.f("fk_schedules_provider_id_providers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
    )
    op.create_index(
        "uq_schedules_of_provider", "schedules", ["provider_id", "effective_from"], unique=True
    )


def downgrade() -> None:
    op.drop_index("uq_schedules_of_provider", table_name="schedules")
    op.drop_table("schedules")
    op.drop_index(op.f("ix_refresh_tokens_session_id"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index(op.f("ix_provider_offerings_provider_id"), table_name="provider_offerings")
    op.drop_table("provider_offerings")
    op.drop_index("ix_bookings_starting", table_name="bookings")
    op.drop_index("ix_bookings_of_service", table_name="bookings")
    op.drop_index("ix_bookings_of_provider", table_name="bookings")
    op.drop_index("ix_bookings_of_organizer", table_name="bookings")
    op.drop_index("ix_bookings_of_customer", table_name="bookings")
    op.drop_index(
        "ix_bookings_held", table_name="bookings", postgresql_where=sa.text("status = 'pending'")
    )
    op.drop_table("bookings")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_expires_at"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(
        "ix_providers_searched",
        table_name="providers",
        postgresql_using="gin",
        postgresql_ops={"searched": "gin_trgm_ops"},
    )
    op.drop_index("ix_providers_rated", table_name="providers")
    op.drop_index("ix_providers_named", table_name="providers")
    op.drop_table("providers")
    op.drop_index("ix_offerings_tags", table_name="offerings", postgresql_using="gin")
    op.drop_index(
        "ix_offerings_searched",
        table_name="offerings",
        postgresql_using="gin",
        postgresql_ops={"searched": "gin_trgm_ops"},
    )
    op.drop_index("ix_offerings_rated", table_name="offerings")
    op.drop_index("ix_offerings_priced", table_name="offerings")
    op.drop_index(op.f("ix_offerings_owner_id"), table_name="offerings")
    op.drop_index("ix_offerings_named", table_name="offerings")
    op.drop_index("ix_offerings_created", table_name="offerings")
    op.drop_index(op.f("ix_offerings_category_id"), table_name="offerings")
    op.drop_table("offerings")
    op.drop_index(op.f("ix_email_verifications_user_id"), table_name="email_verifications")
    op.drop_index("ix_email_verifications_of_address", table_name="email_verifications")
    op.drop_table("email_verifications")
    op.drop_index(
        "uq_users_username", table_name="users", postgresql_where=sa.text("status <> 'pending'")
    )
    op.drop_table("users")
    op.drop_table("idempotency_records")
    op.drop_index(op.f("ix_categories_parent_id"), table_name="categories")
    op.drop_table("categories")
