"""Every statement about files that people send along."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    SmallInteger,
    String,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.files import File, FileFilter, FileOwner, FileSort, FileState, FileUsage
from app.models import ChatMessages, Files, Reviews
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(Files, File)
UPLOADS: Final = 0x66696C65  # the class of advisory locks that count what one person keeps here
USER: Final = bindparam("user_id", type_=Uuid)
ID: Final = bindparam("file_id", type_=Uuid)
IDS: Final = bindparam("ids", type_=ARRAY(Uuid))
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
KIND: Final = bindparam("owner_kind", type_=String)
OWNER: Final = bindparam("owner_id", type_=Uuid)
IS_OWNED: Final = and_(Files.owner_kind == KIND, Files.owner_id == OWNER)
IS_READY: Final = Files.state == FileState.READY
IS_SEEN: Final = Files.state != FileState.DROPPED

LOCK: Final = Command(
    select(func.pg_advisory_xact_lock(func.hashtextextended(cast(USER, Text), UPLOADS)))
)
USED: Final = Query(
    select(
        cast(func.count(), Integer).label("count"),
        func.coalesce(func.sum(Files.size), 0).label("size"),
    ).where(Files.user_id == USER, IS_SEEN),
    FileUsage,
)
ADD: Final = Command(insert(Files).values(parameters(Files, File)))
READY: Final = Command(
    update(Files)
    .where(Files.id == ID, Files.state == FileState.PENDING)
    .values(state=FileState.READY, updated_at=NOW)
)
GET: Final = Query(select(*COLUMNS).where(Files.id == ID, IS_READY), File)
OF: Final = Query(
    select(*COLUMNS)
    .where(Files.owner_kind == KIND, Files.owner_id == any_(IDS), IS_READY)
    .order_by(Files.owner_id, Files.position, Files.id),
    File,
)
# Free ones of theirs, and those that hang there already, which may only change their order.
ATTACH: Final = Query(
    update(Files)
    .where(
        Files.id == any_(IDS),
        Files.user_id == USER,
        IS_READY,
        or_(Files.owner_id.is_(None), IS_OWNED),
    )
    .values(
        owner_kind=KIND,
        owner_id=OWNER,
        position=cast(func.array_position(IDS, Files.id), SmallInteger),
        updated_at=NOW,
    )
    .returning(*COLUMNS),
    File,
)
DROPPED: Final = {"state": FileState.DROPPED, "name": "", "updated_at": NOW}
DROP: Final = Query(
    update(Files)
    .where(Files.id == ID, Files.user_id == USER, IS_READY)
    .values(DROPPED)
    .returning(Files.id),
    lambda id_: id_,
)
DROP_OF: Final = Query(
    update(Files)
    .where(IS_OWNED, Files.id != all_(IDS), IS_SEEN)
    .values(DROPPED)
    .returning(Files.id),
    lambda id_: id_,
)
REVOKE: Final = Command(update(Files).where(IS_OWNED).values(links=Files.links + 1))
GONE: Final = Query(
    select(Files.id).where(Files.id == any_(IDS), Files.state == FileState.DROPPED),
    lambda id_: id_,
)
FORGET: Final = Command(delete(Files).where(Files.id == any_(IDS), ~IS_SEEN))
KNOWN: Final = Query(select(Files.id).where(Files.id == any_(IDS)), lambda id_: id_)
IS_UNWANTED: Final = or_(
    and_(
        Files.state != FileState.READY,
        Files.updated_at < bindparam("unfinished_before", type_=DateTime(timezone=True)),
    ),
    and_(
        IS_READY,
        Files.owner_id.is_(None),
        Files.updated_at < bindparam("unattached_before", type_=DateTime(timezone=True)),
    ),
)
UNWANTED: Final = (
    select(Files.id)
    .where(IS_UNWANTED)
    .order_by(Files.updated_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("unwanted")
)
DROP_UNWANTED: Final = Query(
    update(Files).where(Files.id == UNWANTED.c.id).values(DROPPED).returning(Files.id),
    lambda id_: id_,
)

# What it hung on went by itself, with what that belonged to: nobody dropped its files.
BEREFT: Final = (
    select(Files.id)
    .where(
        IS_READY,
        or_(
            and_(
                Files.owner_kind == FileOwner.REVIEW,
                ~exists().where(Reviews.id == Files.owner_id),
            ),
            and_(
                Files.owner_kind == FileOwner.MESSAGE,
                ~exists().where(ChatMessages.id == Files.owner_id),
            ),
        ),
    )
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("bereft")
)
DROP_BEREFT: Final = Query(
    update(Files).where(Files.id == BEREFT.c.id).values(DROPPED).returning(Files.id),
    lambda id_: id_,
)
MATCHING: Final = Listing(
    Files,
    File,
    filters={"sent_by": and_(Files.user_id == bindparam("sent_by", type_=Uuid), IS_READY)},
    sorts={"created_at": Files.created_at},
)


class FileRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock_uploads(self, user_id: UUID) -> None:
        """Let nobody else count or add what they keep here until the transaction ends."""
        await self.connection.run(LOCK, user_id=user_id)

    async def used(self, user_id: UUID) -> FileUsage:
        found = await self.connection.first(USED, user_id=user_id)
        return found or FileUsage(0, 0)

    async def add(self, file: File) -> None:
        await self.connection.run(ADD, **values(file))

    async def make_ready(self, file_id: UUID, *, now: datetime) -> bool:
        """Tell whether it was still wanted when its content was there."""
        return await self.connection.run(READY, file_id=file_id, now=now) == 1

    async def get(self, file_id: UUID) -> File | None:
        """Return a file whose content is there."""
        return await self.connection.first(GET, file_id=file_id)

    async def of(self, kind: FileOwner, owner_ids: Sequence[UUID]) -> list[File]:
        """Return all that hangs on these, each one's in its order."""
        return await self.connection.all(OF, owner_kind=kind, ids=list(owner_ids))

    async def attach(
        self,
        file_ids: Sequence[UUID],
        *,
        user_id: UUID,
        kind: FileOwner,
        owner_id: UUID,
        now: datetime,
    ) -> list[File]:
        """Hang those of these files there that are theirs, ready and free; return which."""
        return await self.connection.all(
            ATTACH, ids=list(file_ids), user_id=user_id, owner_kind=kind, owner_id=owner_id, now=now
        )

    async def drop(self, file_id: UUID, *, user_id: UUID, now: datetime) -> bool:
        """Let nobody see a file of theirs any more; tell whether there was one."""
        found = await self.connection.first(DROP, file_id=file_id, user_id=user_id, now=now)
        return found is not None

    async def drop_of(
        self, kind: FileOwner, owner_id: UUID, *, keep: Sequence[UUID], now: datetime
    ) -> list[UUID]:
        """Let nobody see what hangs there, save these; return what was dropped."""
        return await self.connection.all(
            DROP_OF, owner_kind=kind, owner_id=owner_id, ids=list(keep), now=now
        )

    async def revoke_links(self, kind: FileOwner, owner_id: UUID) -> None:
        """Let no link to what hangs there, that was given until now, lead anywhere."""
        await self.connection.run(REVOKE, owner_kind=kind, owner_id=owner_id)

    async def gone(self, file_ids: Sequence[UUID]) -> list[UUID]:
        """Return those of these files that were dropped, and whose rows are still there."""
        return await self.connection.all(GONE, ids=list(file_ids))

    async def forget(self, file_ids: Sequence[UUID]) -> None:
        """Delete the rows of these, which were dropped."""
        await self.connection.run(FORGET, ids=list(file_ids))

    async def known(self, file_ids: Sequence[UUID]) -> list[UUID]:
        """Return those of these ids that a row has."""
        return await self.connection.all(KNOWN, ids=list(file_ids))

    async def drop_unwanted(
        self,
        *,
        unfinished_before: datetime,
        unattached_before: datetime,
        most: int,
        now: datetime,
    ) -> list[UUID]:
        """Drop some that never came whole or that nothing came to need; return which.

        Those that were dropped long ago, and are still there, are among them.
        """
        return await self.connection.all(
            DROP_UNWANTED,
            unfinished_before=unfinished_before,
            unattached_before=unattached_before,
            most=most,
            now=now,
        )

    async def drop_bereft(self, *, most: int, now: datetime) -> list[UUID]:
        """Drop some of what hung on what is no longer there; return which."""
        return await self.connection.all(DROP_BEREFT, most=most, now=now)

    async def matching(self, wanted: FileFilter, request: PageRequest[FileSort]) -> Page[File]:
        return await MATCHING.page(self.connection, wanted, request)
