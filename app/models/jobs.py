"""The queue's own tables, made by PgQueuer's SQL and written to beside our own."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "jobs"

Jobs = Table(
    "pgqueuer",
    MetaData(),  # not ours: Alembic must neither make nor drop it
    Column("id", BigInteger, primary_key=True),
    Column("priority", Integer),
    Column("queue_manager_id", Uuid),
    Column("status", Text),
    Column("entrypoint", Text),
    Column("payload", LargeBinary),
    Column("headers", JSONB),
    Column("dedupe_key", Text),
    Column("attempts", Integer),
    Column("created", DateTime(timezone=True)),
    Column("updated", DateTime(timezone=True)),
    Column("execute_after", DateTime(timezone=True)),
    schema=SCHEMA,
)

JobLog = Table(
    "pgqueuer_log",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("created", DateTime(timezone=True)),
    Column("job_id", BigInteger),
    Column("status", Text),
    Column("priority", Integer),
    Column("entrypoint", Text),
    Column("traceback", JSONB),
    schema=SCHEMA,
)
