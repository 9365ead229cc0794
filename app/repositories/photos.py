"""Every statement about pictures of people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, any_, bindparam, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.photos import Photo
from app.models import Events, Photos, Providers, Users
from app.repositories.base import parameters, values

ADD: Final = Command(insert(Photos).values(parameters(Photos, Photo)))

USER_ID: Final = bindparam("user_id", type_=Uuid)
CHANGE: Final = {
    "photo_id": bindparam("photo_id", type_=Uuid),
    "updated_at": bindparam("now", type_=DateTime(timezone=True)),
}
OF_ACCOUNT: Final = (
    update(Users).where(Users.id == USER_ID).values(CHANGE).returning(Users.id).cte("of_account")
)
SHOW: Final = Command(update(Providers).where(Providers.user_id == OF_ACCOUNT.c.id).values(CHANGE))

IS_SHOWN: Final = or_(
    exists().where(Users.id == Photos.user_id, Users.photo_id == Photos.id),
    exists().where(Events.cover_id == Photos.id),
)
IDS: Final = bindparam("ids", type_=ARRAY(Uuid))
UNSEEN: Final = Query(select(Photos.id).where(Photos.id == any_(IDS), ~IS_SHOWN), lambda id_: id_)
UNSEEN_SINCE: Final = Query(
    select(Photos.id)
    .where(Photos.created_at < bindparam("before", type_=DateTime(timezone=True)), ~IS_SHOWN)
    .order_by(Photos.id)
    .limit(bindparam("most", type_=Integer)),
    lambda id_: id_,
)
FORGET: Final = Command(delete(Photos).where(Photos.id == any_(IDS)))


class PhotoRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, photo: Photo) -> None:
        await self.connection.run(ADD, **values(photo))

    async def show(self, user_id: UUID, photo_id: UUID | None, *, now: datetime) -> None:
        """Let an account show this photo, or none, and the provider it may be with it."""
        await self.connection.run(SHOW, user_id=user_id, photo_id=photo_id, now=now)

    async def unseen(self, photo_ids: Sequence[UUID]) -> list[UUID]:
        """Return those of these photos that are there and that no account or event shows."""
        return await self.connection.all(UNSEEN, ids=list(photo_ids))

    async def unseen_since(self, before: datetime, *, most: int) -> list[UUID]:
        """Return up to `most` photos from before then that no account or event shows."""
        return await self.connection.all(UNSEEN_SINCE, before=before, most=most)

    async def forget(self, photo_ids: Sequence[UUID]) -> None:
        await self.connection.run(FORGET, ids=list(photo_ids))
