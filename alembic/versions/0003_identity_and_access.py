"""Roles and permissions, second factors, API keys, other ways in, and who did what."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# What staff did can be added to and read. Not even the owner of the table changes it: the grants
# are taken from the owner too, and a superuser, whom no grant binds, meets the trigger.
REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
SEARCHED = (
    "lower(email || ' ' || coalesce(username, '') || ' ' || coalesce(full_name, '')"
    " || ' ' || coalesce(phone, ''))"
)
# Those who waited for approval had the role already, and a provider that could not be booked.
WISHES = """
UPDATE users SET requested_role = 'provider', roles = array_remove(roles, 'provider')
FROM providers WHERE providers.user_id = users.id AND providers.status = 'pending'
"""
KEEP = "REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM PUBLIC, CURRENT_USER"


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_roles", postgresql.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("target_kind", sa.String(length=40), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column(
            "before", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "after", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("request_id", sa.String(length=128), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_newest", "audit_log", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_audit_log_of_actor", "audit_log", ["actor_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_audit_log_of_target", "audit_log", ["target_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "oauth_flows",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("redirect_uri", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_flows")),
    )
    op.create_index(op.f("ix_oauth_flows_expires_at"), "oauth_flows", ["expires_at"], unique=False)
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limits")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_rate_limits_expires_at"), "rate_limits", ["expires_at"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
    )
    op.create_index(
        "ix_api_keys_of_user", "api_keys", ["user_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "email_changes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("old_email", sa.String(length=254), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_email_changes_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_changes")),
    )
    op.create_index(
        "ix_email_changes_of_user", "email_changes", ["user_id", "created_at"], unique=False
    )
    op.create_index(
        "uq_email_changes_under_way",
        "email_changes",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "identities",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_identities_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("provider", "subject", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_user_id"), "identities", ["user_id"], unique=False)
    op.create_table(
        "password_resets",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_password_resets_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
    )
    op.create_index(
        "ix_password_resets_of_user", "password_resets", ["user_id", "created_at"], unique=False
    )
    op.create_table(
        "photos",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_photos_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    op.create_index(op.f("ix_photos_user_id"), "photos", ["user_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_recovery_codes_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_user_id"), "recovery_codes", ["user_id"], unique=False)
    op.create_table(
        "totp_factors",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_totp_factors_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp_factors")),
        sa.UniqueConstraint("user_id", name=op.f("uq_totp_factors_user_id")),
    )
    op.add_column("providers", sa.Column("photo_id", sa.Uuid(), nullable=True))
    op.drop_column("providers", "photo_url")
    op.add_column("refresh_tokens", sa.Column("attempt", sa.LargeBinary(), nullable=True))
    op.add_column("sessions", sa.Column("ip", sa.String(length=45), nullable=True))
    op.add_column("sessions", sa.Column("user_agent", sa.String(length=300), nullable=True))
    op.add_column("sessions", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sessions", sa.Column("stepped_up_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_sessions_from", "sessions", ["user_id", "ip"], unique=False)
    op.add_column(
        "users",
        sa.Column(
            "permissions",
            postgresql.ARRAY(sa.String(length=40)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column(
        "users",
        sa.Column(
            "requested_role",
            sa.Enum(
                "customer",
                "provider",
                "organizer",
                "management",
                "accountant",
                "admin",
                "super_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
    )
    op.add_column("users", sa.Column("photo_id", sa.Uuid(), nullable=True))
    op.add_column("users", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_users_created", "users", ["created_at", "id"], unique=False)
    op.create_index("ix_users_roles", "users", ["roles"], unique=False, postgresql_using="gin")
    op.drop_column("users", "photo_url")
    op.add_column(
        "users",
        sa.Column("searched", sa.Text(), sa.Computed(SEARCHED, persisted=True), nullable=False),
    )
    op.create_index(
        "ix_users_searched",
        "users",
        ["searched"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"searched": "gin_trgm_ops"},
    )
    op.execute(WISHES)
    op.execute(REFUSE)
    op.execute(APPEND_ONLY)
    op.execute(KEEP)


def downgrade() -> None:
    op.drop_index("ix_users_searched", table_name="users", postgresql_using="gin")
    op.drop_column("users", "searched")
    op.add_column("users", sa.Column("photo_url", sa.TEXT(), autoincrement=False, nullable=True))
    op.drop_index("ix_users_roles", table_name="users", postgresql_using="gin")
    op.drop_index("ix_users_created", table_name="users")
    op.drop_column("users", "erased_at")
    op.drop_column("users", "photo_id")
    op.drop_column("users", "requested_role")
    op.drop_column("users", "permissions")
    op.drop_index("ix_sessions_from", table_name="sessions")
    op.drop_column("sessions", "stepped_up_at")
    op.drop_column("sessions", "proved_at")
    op.drop_column("sessions", "user_agent")
    op.drop_column("sessions", "ip")
    op.drop_column("refresh_tokens", "attempt")
    op.add_column(
        "providers", sa.Column("photo_url", sa.TEXT(), autoincrement=False, nullable=True)
    )
    op.drop_column("providers", "photo_id")
    op.drop_table("totp_factors")
    op.drop_index(op.f("ix_recovery_codes_user_id"), table_name="recovery_codes")
    op.drop_table("recovery_codes")
    op.drop_index(op.f("ix_photos_user_id"), table_name="photos")
    op.drop_table("photos")
    op.drop_index("ix_password_resets_of_user", table_name="password_resets")
    op.drop_table("password_resets")
    op.drop_index(op.f("ix_identities_user_id"), table_name="identities")
    op.drop_table("identities")
    op.drop_index(
        "uq_email_changes_under_way",
        table_name="email_changes",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_email_changes_of_user", table_name="email_changes")
    op.drop_table("email_changes")
    op.drop_index("ix_api_keys_of_user", table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_index(op.f("ix_rate_limits_expires_at"), table_name="rate_limits")
    op.drop_table("rate_limits")
    op.drop_index(op.f("ix_oauth_flows_expires_at"), table_name="oauth_flows")
    op.drop_table("oauth_flows")
    op.drop_index("ix_audit_log_of_target", table_name="audit_log")
    op.drop_index("ix_audit_log_of_actor", table_name="audit_log")
    op.drop_index("ix_audit_log_newest", table_name="audit_log")
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION refuse_change()")
