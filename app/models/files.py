"""Files that people send along; their contents are in the storage."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.files import FileOwner, FileState, FileType
from app.models.base import TimedRecord


class Files(TimedRecord):
    """A row is there before its content is, and until it is gone: none is ever forgotten."""

    __tablename__ = "files"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))  # who sent it
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[FileType]
    size: Mapped[int] = mapped_column(Integer)
    state: Mapped[FileState]
    owner_kind: Mapped[FileOwner | None]
    owner_id: Mapped[UUID | None]  # a row of one of several tables, so no key
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    links: Mapped[int] = mapped_column(Integer, server_default=text("0"))

    __table_args__ = (
        CheckConstraint("size BETWEEN 1 AND 16777216", name="size"),
        CheckConstraint("(owner_kind IS NULL) = (owner_id IS NULL)", name="owned"),
        Index("ix_files_of_user", "user_id", "id", postgresql_where=text("state <> 'dropped'")),
        Index(
            "ix_files_of_owner",
            "owner_kind",
            "owner_id",
            "position",
            postgresql_where=text("owner_id IS NOT NULL"),
        ),
        Index(
            "ix_files_unowned",
            "updated_at",
            postgresql_where=text("owner_id IS NULL OR state <> 'ready'"),
        ),
    )
