"""How people are reached: devices, telephones that are theirs, chats in Telegram."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def _state(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.add_column("users", sa.Column("phone_verified_at", MOMENT, nullable=True))
    _devices()
    _phone_verifications()
    _telegram()
    _text_reports()


def downgrade() -> None:
    for table in (
        "text_reports",
        "telegram_updates",
        "telegram_links",
        "phone_verifications",
        "devices",
    ):
        op.drop_table(table)
    op.drop_column("users", "phone_verified_at")


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("platform", _state("platform", "ios", "android", "web"), nullable=False),
        sa.Column("token", sa.String(length=1024), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_devices_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name="fk_devices_session_id_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("token", name="uq_devices_token"),
    )
    op.create_index("ix_devices_session_id", "devices", ["session_id"])
    op.create_index("ix_devices_of_user", "devices", ["user_id", "seen_at", "id"])


def _phone_verifications() -> None:
    op.create_table(
        "phone_verifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_phone_verifications_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_phone_verifications"),
    )
    op.create_index(
        "ix_phone_verifications_of_user", "phone_verifications", ["user_id", "created_at"]
    )


def _telegram() -> None:
    op.create_table(
        "telegram_links",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("linked_at", MOMENT, nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("code_expires_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(chat_id IS NULL) = (linked_at IS NULL)",
            name=op.f("ck_telegram_links_linked_once"),
        ),
        sa.CheckConstraint(
            "(code_hash IS NULL) = (code_expires_at IS NULL)",
            name=op.f("ck_telegram_links_code_lapses"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_telegram_links_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_telegram_links"),
        sa.UniqueConstraint("chat_id", name="uq_telegram_links_chat_id"),
        sa.UniqueConstraint("code_hash", name="uq_telegram_links_code_hash"),
    )
    op.create_table(
        "telegram_updates",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_telegram_updates"),
    )
    op.create_index("ix_telegram_updates_received_at", "telegram_updates", ["received_at"])


def _text_reports() -> None:
    op.create_table(
        "text_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("state", _state("textstate", "sent", "delivered", "failed"), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=True),
        sa.Column("is_dead", sa.Boolean(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_text_reports"),
    )
    op.create_index("ix_text_reports_received_at", "text_reports", ["received_at"])
    op.create_index("uq_text_reports_state", "text_reports", ["reference", "state"], unique=True)
