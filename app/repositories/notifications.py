"""Every statement about what people are told."""

from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Boolean,
    DateTime,
    Integer,
    Uuid,
    and_,
    any_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.i18n import Locale
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.notifications import (
    FORM,
    Kind,
    Notification,
    NotificationFilter,
    NotificationSort,
)
from app.models import Notifications, Users
from app.repositories.base import Listing, columns, parameters, values

USER: Final = bindparam("user_id", type_=Uuid)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
COLUMNS: Final = columns(Notifications, Notification)


def notification(
    id_: UUID, user_id: UUID | None, kind: str, key: str, facts: Any, *rest: Any
) -> Notification:
    return Notification(id_, user_id, Kind(kind), key, FORM.validate_python(facts), *rest)


class InboxFigures(NamedTuple):
    """How many notifications somebody has not read, and how they read them."""

    unread: int
    locale: Locale
    timezone: str


ADD: Final = Command(
    insert(Notifications)
    .values(parameters(Notifications, Notification))
    .on_conflict_do_nothing(index_elements=[Notifications.user_id, Notifications.key])
)
BY_ID: Final = Query(
    select(*COLUMNS).where(Notifications.id == bindparam("id", type_=Uuid)), notification
)
UNREAD: Final = and_(
    Notifications.user_id == USER, Notifications.is_shown, Notifications.read_at.is_(None)
)
INBOX: Final = Query(
    select(
        select(func.count()).select_from(Notifications).where(UNREAD).scalar_subquery(),
        Users.locale,
        Users.timezone,
    ).where(Users.id == USER),
    InboxFigures,
)
READ: Final = Query(
    update(Notifications)
    .where(
        Notifications.id == bindparam("id", type_=Uuid),
        Notifications.user_id == USER,
        Notifications.is_shown,
    )
    .values(read_at=func.coalesce(Notifications.read_at, NOW))
    .returning(*COLUMNS),
    notification,
)
READ_ALL: Final = Command(
    update(Notifications).where(UNREAD, Notifications.created_at <= NOW).values(read_at=NOW)
)
OLD: Final = (
    select(Notifications.id)
    .where(Notifications.created_at < bindparam("before", type_=DateTime(timezone=True)))
    .order_by(Notifications.created_at, Notifications.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
FORGET: Final = Command(
    delete(Notifications).where(
        Notifications.id == any_(func.array(OLD.scalar_subquery(), type_=ARRAY(Uuid)))
    )
)
MATCHING: Final = Listing(
    Notifications,
    notification,
    filters={
        "user_id": and_(Notifications.user_id == bindparam("user_id"), Notifications.is_shown),
        "unread": and_(Notifications.read_at.is_(None), bindparam("unread", type_=Boolean)),
    },
    sorts={"created_at": Notifications.created_at},
    shown=COLUMNS,
)


class NotificationRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, one: Notification) -> bool:
        """Add it; tell whether it is new, or was told before under the same key."""
        given = values(one) | {"kind": str(one.kind), "facts": one.facts.write()}
        return await self.connection.run(ADD, **given) == 1

    async def get(self, notification_id: UUID) -> Notification | None:
        return await self.connection.first(BY_ID, id=notification_id)

    async def inbox(self, user_id: UUID) -> InboxFigures | None:
        return await self.connection.first(INBOX, user_id=user_id)

    async def read(
        self, user_id: UUID, notification_id: UUID, *, now: datetime
    ) -> Notification | None:
        """Note that it was read, when it was read first; None if it is not theirs."""
        return await self.connection.first(READ, user_id=user_id, id=notification_id, now=now)

    async def read_all(self, user_id: UUID, *, now: datetime) -> int:
        """Note that all there is up to now was read; return how much was not."""
        return await self.connection.run(READ_ALL, user_id=user_id, now=now)

    async def forget(self, *, before: datetime, most: int) -> int:
        """Delete up to `most` old ones with their deliveries; return how many."""
        return await self.connection.run(FORGET, before=before, most=most)

    async def matching(
        self, wanted: NotificationFilter, request: PageRequest[NotificationSort]
    ) -> Page[Notification]:
        return await MATCHING.page(self.connection, wanted, request)
