"""The base of every table: naming convention, and what a Python type is in a column."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Double, Enum, MetaData, Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Model(DeclarativeBase):
    """Columns, constraints, indexes. Never instantiated: rows become domain dataclasses."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: Text(),
        float: Double(),
        datetime: DateTime(timezone=True),
        # Text with a CHECK: a state can be added without ALTER TYPE. values_callable, because
        # SQLAlchemy would otherwise store the names of the members.
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=20,
            create_constraint=True,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


class Record(Model):
    """A table whose rows have an id, made before they are inserted."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True)


class TimedRecord(Record):
    """A record that says when it was made and last changed."""

    __abstract__ = True

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
