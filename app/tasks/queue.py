"""PgQueuer on a connection of ours: its tables in our schema, whatever the environment says."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any, Final

from pgqueuer import AsyncpgDriver, PgQueuer, Queries
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.domain.models import TableChangedEvent
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import NotifyCallback
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

SCHEMA: Final = "jobs"
CHANGED: Final = TableChangedEvent(
    channel=Channel("jobs"),
    type="table_changed_event",
    operation="update",
    table="pgqueuer",
    sent_at=datetime.min.replace(tzinfo=UTC),
)
ANSWERS_WITHIN: Final = 15.0  # seconds: longer than statement_timeout, so nobody is there


class Names(DBSettings):
    """The names of PgQueuer's tables. It would read CHANNEL, TRIGGER and others as settings."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class Driver(AsyncpgDriver):
    """Speaks to the database without LISTEN and NOTIFY, and gives up on one that is silent.

    PgQueuer is told that its tables changed when it changed them itself, so that the next jobs
    are taken as soon as one is done. For what others put there it looks now and then.
    """

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._listeners: list[NotifyCallback] = []

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return await super().fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        async with asyncio.timeout(ANSWERS_WITHIN):
            answer = await super().execute(query, *args)
        await self.notify(CHANGED.channel, CHANGED.model_dump_json())
        return answer

    async def notify(self, channel: str, payload: str) -> None:  # noqa: ARG002
        for listener in self._listeners:
            listener(payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:  # noqa: ARG002
        self._listeners.append(callback)


def open_queue(connection: Any) -> PgQueuer:
    """Return PgQueuer on a connection that speaks jsonb as text, with nothing registered yet."""
    # It tells of each failure with a traceback, of one connection lost ten times a second.
    logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)
    driver, names = Driver(connection), Names(db_schema=SCHEMA)
    queries = Queries(
        driver,
        qbe=QueryBuilderEnvironment(names),
        qbq=QueryQueueBuilder(names),
        qbs=QuerySchedulerBuilder(names),
    )
    return PgQueuer(driver, channel=names.channel, queries=queries)
