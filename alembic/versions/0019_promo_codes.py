"""Codes that make things cheaper, and who used them for what."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Whatever gives a booking up, its use comes back with the change of its state, and so once.
GIVE_BACK = """
CREATE FUNCTION give_promo_use_back() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given uuid;
BEGIN
    UPDATE promo_uses AS used SET returned_at = NEW.updated_at
    FROM promo_codes AS code
    WHERE used.booking_id = NEW.id AND used.returned_at IS NULL
        AND code.id = used.promo_code_id
        AND (
            NEW.status <> 'cancelled' OR code.returns_use
            OR NEW.cancelled_by IS DISTINCT FROM NEW.customer_id
        )
    RETURNING code.id INTO given;
    IF FOUND THEN
        UPDATE promo_codes SET uses = uses - 1 WHERE id = given;
    END IF;
    RETURN NULL;
END $$
"""
SEE_TO_IT = """
CREATE TRIGGER promo_use_back AFTER UPDATE OF status ON bookings FOR EACH ROW
WHEN (
    NEW.promo_code_id IS NOT NULL AND OLD.status IN ('pending', 'confirmed')
    AND NEW.status IN ('expired', 'declined', 'cancelled')
)
EXECUTE FUNCTION give_promo_use_back()
"""


def upgrade() -> None:
    op.create_table(
        "promo_codes",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "percent",
                "fixed",
                name="promokind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("percent", sa.SmallInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_type_ids", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("min_total", sa.BigInteger(), nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("max_uses_per_user", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("returns_use", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
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
            "uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)",
            name=op.f("ck_promo_codes_uses"),
        ),
        sa.CheckConstraint(
            "max_uses BETWEEN 1 AND 1000000000", name=op.f("ck_promo_codes_max_uses")
        ),
        sa.CheckConstraint(
            "max_uses_per_user BETWEEN 1 AND 1000000", name=op.f("ck_promo_codes_per_user")
        ),
        sa.CheckConstraint(
            "(kind = 'percent') = (percent IS NOT NULL)"
            " AND (kind = 'fixed') = (amount IS NOT NULL)",
            name=op.f("ck_promo_codes_value"),
        ),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name=op.f("ck_promo_codes_percent")),
        sa.CheckConstraint(
            "amount BETWEEN 1 AND 1000000000000", name=op.f("ck_promo_codes_amount")
        ),
        sa.CheckConstraint(
            "min_total BETWEEN 0 AND 1000000000000", name=op.f("ck_promo_codes_min_total")
        ),
        sa.CheckConstraint(
            "(currency IS NULL) = (amount IS NULL AND min_total IS NULL)",
            name=op.f("ck_promo_codes_currency"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(event_id, service_id) < 2", name=op.f("ck_promo_codes_one_scope")
        ),
        sa.CheckConstraint(
            "ticket_type_ids IS NULL OR event_id IS NOT NULL", name=op.f("ck_promo_codes_types")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_promo_codes_in_order")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_promo_codes_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_promo_codes_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["offerings.id"], name=op.f("fk_promo_codes_service_id_offerings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promo_codes")),
    )
    op.create_index("ix_promo_codes_created", "promo_codes", ["created_at", "id"])
    op.create_index(op.f("ix_promo_codes_event_id"), "promo_codes", ["event_id"])
    op.create_index("ix_promo_codes_of_owner", "promo_codes", ["owner_id", "created_at", "id"])
    op.create_index(
        "uq_promo_codes_code",
        "promo_codes",
        ["code", "owner_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.add_column(
        "bookings",
        sa.Column("discount_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("bookings", sa.Column("promo_code_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_bookings_promo_code_id_promo_codes"),
        "bookings",
        "promo_codes",
        ["promo_code_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_bookings_discount"),
        "bookings",
        "discount_amount >= 0 AND (discount_amount = 0 OR promo_code_id IS NOT NULL)",
    )
    op.create_table(
        "promo_uses",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("promo_code_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_promo_uses_booking_id_bookings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["promo_code_id"],
            ["promo_codes.id"],
            name=op.f("fk_promo_uses_promo_code_id_promo_codes"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_promo_uses_user_id_users")
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_promo_uses")),
    )
    op.create_index("ix_promo_uses_of_user", "promo_uses", ["promo_code_id", "user_id"])
    op.execute(GIVE_BACK)
    op.execute(SEE_TO_IT)


def downgrade() -> None:
    op.execute("DROP TRIGGER promo_use_back ON bookings")
    op.execute("DROP FUNCTION give_promo_use_back()")
    op.drop_table("promo_uses")
    op.drop_constraint(op.f("ck_bookings_discount"), "bookings")
    op.drop_column("bookings", "promo_code_id")
    op.drop_column("bookings", "discount_amount")
    op.drop_table("promo_codes")
