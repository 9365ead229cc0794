"""What people write to one another: conversations, messages, blocks, reports."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "chat_blocks",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("blocked_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["blocked_id"], ["users.id"], name=op.f("fk_chat_blocks_blocked_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_chat_blocks_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", "blocked_id", name=op.f("pk_chat_blocks")),
    )
    op.create_index("ix_chat_blocks_of_blocked", "chat_blocks", ["blocked_id"], unique=False)
    op.create_table(
        "conversations",
        sa.Column(
            "subject",
            sa.Enum(
                "booking",
                "event",
                "service",
                "support",
                name="subject",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column(
            "partner_side",
            sa.Enum(
                "customer",
                "provider",
                "organizer",
                "support",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
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
            "(subject = 'support') = (partner_side = 'support')",
            name=op.f("ck_conversations_support"),
        ),
        sa.CheckConstraint("partner_side <> 'customer'", name=op.f("ck_conversations_partners")),
        sa.CheckConstraint(
            "subject = 'support' OR partner_id IS NOT NULL", name=op.f("ck_conversations_partner")
        ),
        sa.CheckConstraint("partner_id <> customer_id", name=op.f("ck_conversations_between_two")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_conversations_booking_id_bookings"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["users.id"], name=op.f("fk_conversations_customer_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_conversations_event_id_events"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["users.id"], name=op.f("fk_conversations_partner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["offerings.id"],
            name=op.f("fk_conversations_service_id_offerings"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "ix_conversations_of_pair", "conversations", ["customer_id", "partner_id"], unique=False
    )
    op.create_index(
        "uq_conversations_about_booking",
        "conversations",
        ["booking_id", "customer_id", "partner_id"],
        unique=True,
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.create_index(
        "uq_conversations_about_event",
        "conversations",
        ["event_id", "customer_id", "partner_id"],
        unique=True,
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )
    op.create_index(
        "uq_conversations_about_service",
        "conversations",
        ["service_id", "customer_id", "partner_id"],
        unique=True,
        postgresql_where=sa.text("service_id IS NOT NULL"),
    )
    op.create_index(
        "uq_conversations_with_support",
        "conversations",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("subject = 'support'"),
    )
    op.create_table(
        "chat_messages",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "customer",
                "provider",
                "organizer",
                "support",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("client_id", sa.String(length=100), nullable=True),
        sa.Column("text", sa.String(length=4000), nullable=True),
        sa.Column(
            "attachments",
            postgresql.ARRAY(sa.Uuid()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_chat_messages_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["users.id"], name=op.f("fk_chat_messages_sender_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_messages")),
    )
    op.create_index(
        "ix_chat_messages_of_sender", "chat_messages", ["sender_id", "id"], unique=False
    )
    op.create_index(
        "uq_chat_messages_place", "chat_messages", ["conversation_id", "seq"], unique=True
    )
    op.create_index(
        "uq_chat_messages_sent",
        "chat_messages",
        ["conversation_id", "sender_id", "client_id"],
        unique=True,
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.create_table(
        "conversation_members",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "customer",
                "provider",
                "organizer",
                "support",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("active_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unread", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("digest_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("read_seq >= 0", name=op.f("ck_conversation_members_read")),
        sa.CheckConstraint("unread >= 0", name=op.f("ck_conversation_members_unread")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_members_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_conversation_members_user_id_users")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "side", name=op.f("pk_conversation_members")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "ix_conversation_members_due",
        "conversation_members",
        ["digest_at"],
        unique=False,
        postgresql_where=sa.text("digest_at IS NOT NULL"),
    )
    op.create_index(
        "ix_conversation_members_of_support",
        "conversation_members",
        ["active_at", "conversation_id"],
        unique=False,
        postgresql_where=sa.text("side = 'support'"),
    )
    op.create_index(
        "ix_conversation_members_of_user",
        "conversation_members",
        ["user_id", "active_at", "conversation_id"],
        unique=False,
    )
    op.create_table(
        "chat_digests",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_chat_digests_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_chat_digests")),
    )
    op.create_table(
        "chat_reports",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("text", sa.String(length=4000), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "removed",
                "dismissed",
                name="reportstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (resolved_at IS NULL)", name=op.f("ck_chat_reports_resolved")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_chat_reports_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["chat_messages.id"],
            name=op.f("fk_chat_reports_message_id_chat_messages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["users.id"], name=op.f("fk_chat_reports_reporter_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["users.id"], name=op.f("fk_chat_reports_resolved_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["users.id"], name=op.f("fk_chat_reports_sender_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_reports")),
    )
    op.create_index("ix_chat_reports_of_sender", "chat_reports", ["sender_id"], unique=False)
    op.create_index(
        "ix_chat_reports_of_user", "chat_reports", ["reporter_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_chat_reports_queue", "chat_reports", ["status", "created_at", "id"], unique=False
    )
    op.create_index("ix_chat_reports_resolved", "chat_reports", ["resolved_at"], unique=False)
    op.create_index(
        "uq_chat_reports_of_reporter", "chat_reports", ["message_id", "reporter_id"], unique=True
    )


def downgrade() -> None:
    op.drop_table("chat_reports")
    op.drop_table("chat_digests")
    op.drop_table("conversation_members")
    op.drop_table("chat_messages")
    op.drop_table("conversations")
    op.drop_table("chat_blocks")
