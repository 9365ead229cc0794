"""Reviews, what others make of them, and how they add up."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STARS = ("ones", "twos", "threes", "fours", "fives")
BY = {"newest": "created_at", "useful": "useful"}


def _one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def _moment(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _key(name: str, of: str, table: str, *, optional: bool = True) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(name, sa.Uuid(), nullable=optional),
        sa.ForeignKeyConstraint([name], [f"{of}.id"], name=op.f(f"fk_{table}_{name}_{of}")),
    ]


def _own(name: str, of: str, table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(name, sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            [name], [f"{of}.id"], name=op.f(f"fk_{table}_{name}_{of}"), ondelete="CASCADE"
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "reviews",
        *_own("booking_id", "bookings", "reviews"),
        *_key("author_id", "users", "reviews", optional=False),
        *_key("service_id", "offerings", "reviews"),
        *_key("provider_id", "providers", "reviews"),
        *_key("event_id", "events", "reviews"),
        *_key("organizer_id", "users", "reviews"),
        sa.Column("rating", sa.SmallInteger(), nullable=False),
        sa.Column("comment", sa.String(length=2000), nullable=True),
        sa.Column(
            "status", _one_of("reviewstatus", "pending", "approved", "rejected"), nullable=False
        ),
        sa.Column(
            "flags",
            postgresql.ARRAY(sa.String(length=20)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("reports", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("useful", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reply", sa.String(length=2000), nullable=True),
        *_key("replied_by", "users", "reviews"),
        _moment("replied_at", optional=True),
        _moment("edited_at", optional=True),
        *_key("moderated_by", "users", "reviews"),
        _moment("moderated_at", optional=True),
        *(
            sa.Column(
                name,
                sa.DateTime(timezone=True),
                server_default=sa.text("now()"),
                nullable=False,
            )
            for name in ("created_at", "updated_at")
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_reviews_rating")),
        sa.CheckConstraint("useful >= 0", name=op.f("ck_reviews_useful")),
        sa.CheckConstraint("reports >= 0", name=op.f("ck_reviews_reports")),
        sa.CheckConstraint(
            "(event_id IS NULL) = (service_id IS NOT NULL)", name=op.f("ck_reviews_of_one_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_reviews_booking_id")),
    )
    op.create_index(op.f("ix_reviews_organizer_id"), "reviews", ["organizer_id"])
    op.create_index("ix_reviews_of_author", "reviews", ["author_id", "created_at", "id"])
    op.create_index("ix_reviews_in_line", "reviews", ["status", "created_at", "id"])
    for kind in ("service", "provider", "event"):
        for how, by in BY.items():
            op.create_index(
                f"ix_reviews_{how}_of_{kind}",
                "reviews",
                [f"{kind}_id", by, "id"],
                postgresql_where=sa.text("status = 'approved'"),
            )
    for table, more in (
        ("review_votes", []),
        ("review_reports", [sa.Column("reason", sa.String(length=500), nullable=True)]),
    ):
        op.create_table(
            table,
            *_own("review_id", "reviews", table),
            *_key("user_id", "users", table, optional=False),
            *more,
            _moment("created_at"),
            sa.PrimaryKeyConstraint("review_id", "user_id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"])
    op.create_table(
        "review_totals",
        sa.Column(
            "subject_kind",
            _one_of("subjectkind", "event", "provider", "service"),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in STARS),
        sa.CheckConstraint(
            " AND ".join(f"{name} >= 0" for name in STARS), name=op.f("ck_review_totals_counts")
        ),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", name=op.f("pk_review_totals")),
    )
    op.create_table(
        "review_invitations",
        *_own("booking_id", "bookings", "review_invitations"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_review_invitations")),
    )


def downgrade() -> None:
    for table in (
        "review_invitations",
        "review_totals",
        "review_reports",
        "review_votes",
        "reviews",
    ):
        op.drop_table(table)
