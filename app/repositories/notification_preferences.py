"""Every statement about what people want to be told, and where they can be reached."""

from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.notification_preferences import NotificationPreferences
from app.domain.recipients import Recipient
from app.models import NotificationPreferences as Table
from app.models import Users
from app.repositories.base import columns, parameters, values

USER: Final = bindparam("user_id", type_=Uuid)
CHOSEN: Final = {
    "choices": func.coalesce(Table.choices, literal_column("'{}'::jsonb"), type_=JSONB),
    "quiet_start": Table.quiet_start.expression,
    "quiet_end": Table.quiet_end.expression,
}
OF_USER: Final = [field.name for field in fields(Recipient) if field.name not in CHOSEN]
RECIPIENT: Final = Query(
    select(
        *(Users.__table__.c[name] for name in OF_USER),
        *(value.label(name) for name, value in CHOSEN.items()),
    )
    .select_from(Users)
    .outerjoin(Table, Table.user_id == Users.id)
    .where(Users.id == USER),
    Recipient,
)
BY_USER: Final = select(*columns(Table, NotificationPreferences)).where(Table.user_id == USER)
GET: Final = Query(BY_USER, NotificationPreferences)
LOCK_USER: Final = Query(
    select(Users.id).where(Users.id == USER).with_for_update(key_share=True), lambda id_: id_
)
CHANGED: Final = insert(Table).values(parameters(Table, NotificationPreferences))
PUT: Final = Command(
    CHANGED.on_conflict_do_update(
        index_elements=[Table.user_id],
        set_={name: CHANGED.excluded[name] for name in CHOSEN},
    )
)


class NotificationPreferenceRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def recipient(self, user_id: UUID) -> Recipient | None:
        """Return where somebody can be reached, and what they want to be told."""
        return await self.connection.first(RECIPIENT, user_id=user_id)

    async def get(self, user_id: UUID) -> NotificationPreferences | None:
        """Return what somebody chose; None if they never did."""
        return await self.connection.first(GET, user_id=user_id)

    async def lock(self, user_id: UUID) -> NotificationPreferences | None:
        """Return what somebody chose, and let nobody else change it meanwhile."""
        await self.connection.first(LOCK_USER, user_id=user_id)
        return await self.get(user_id)

    async def is_known(self, user_id: UUID) -> bool:
        """Tell whether there is such an account, and somebody behind it."""
        recipient = await self.recipient(user_id)
        return recipient is not None and recipient.erased_at is None

    async def put(self, preferences: NotificationPreferences) -> None:
        given: dict[str, Any] = values(preferences)
        choices = {kind: dict(channels) for kind, channels in preferences.choices.items()}
        await self.connection.run(PUT, **given | {"choices": choices})
