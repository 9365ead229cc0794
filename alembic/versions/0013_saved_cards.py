"""Cards that gateways keep for customers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _gateway() -> sa.Column[str]:
    named = sa.Enum(
        "sandbox",
        "stripe",
        "freedompay",
        "wallet",
        "cash",
        name="gatewayname",
        native_enum=False,
        create_constraint=True,
        length=20,
    )
    return sa.Column("gateway", named, nullable=False)


def upgrade() -> None:
    op.create_table(
        "gateway_customers",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _gateway(),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_gateway_customers_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", "gateway", name=op.f("pk_gateway_customers")),
        sa.UniqueConstraint("gateway", "reference", name="uq_gateway_customers_reference"),
    )
    op.create_table(
        "saved_cards",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _gateway(),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("expires_month", sa.SmallInteger(), nullable=False),
        sa.Column("expires_year", sa.SmallInteger(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
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
            "last4 ~ '^[0-9]{4}$'", name=op.f("ck_saved_cards_no_more_than_four_digits")
        ),
        sa.CheckConstraint("expires_month BETWEEN 1 AND 12", name=op.f("ck_saved_cards_month")),
        sa.CheckConstraint("expires_year BETWEEN 2000 AND 2200", name=op.f("ck_saved_cards_year")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_cards_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_cards")),
        sa.UniqueConstraint("gateway", "reference", name="uq_saved_cards_reference"),
    )
    op.create_index(
        "ix_saved_cards_of_user", "saved_cards", ["user_id", "created_at", "id"], unique=False
    )
    op.add_column("payments", sa.Column("card_id", sa.Uuid(), nullable=True))
    op.add_column(
        "payments",
        sa.Column("saves_card", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_foreign_key(
        op.f("fk_payments_card_id_saved_cards"),
        "payments",
        "saved_cards",
        ["card_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_payments_card_id"), "payments", ["card_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_payments_card_id"), table_name="payments")
    op.drop_constraint(op.f("fk_payments_card_id_saved_cards"), "payments", type_="foreignkey")
    op.drop_column("payments", "saves_card")
    op.drop_column("payments", "card_id")
    op.drop_index("ix_saved_cards_of_user", table_name="saved_cards")
    op.drop_table("saved_cards")
    op.drop_table("gateway_customers")
