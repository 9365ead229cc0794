"""Every statement about devices that show push."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, and_, bindparam, case, delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.devices import MOST, Device, DeviceFilter, DeviceSort
from app.models import Devices, Sessions
from app.repositories.base import Listing, columns, parameters, values

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
USER: Final = bindparam("user_id", type_=Uuid)
COLUMNS: Final = columns(Devices, Device)
IS_LIVE: Final = exists().where(
    Sessions.id == Devices.session_id, Sessions.revoked_at.is_(None), Sessions.expires_at > NOW
)

# A token is one device's. Whoever registers it last has it, as somebody else's it is another.
ADDED: Final = insert(Devices).values(parameters(Devices, Device))
IS_SAME: Final = Devices.user_id == ADDED.excluded.user_id
REGISTER: Final = Query(
    ADDED.on_conflict_do_update(
        index_elements=[Devices.token],
        set_={
            "id": case((IS_SAME, Devices.id), else_=ADDED.excluded.id),
            "created_at": case((IS_SAME, Devices.created_at), else_=ADDED.excluded.created_at),
            **{
                name: ADDED.excluded[name]
                for name in ("user_id", "session_id", "platform", "name", "seen_at")
            },
        },
    ).returning(*COLUMNS),
    Device,
)
NEWEST: Final = (
    select(Devices.id)
    .where(Devices.user_id == USER)
    .order_by(Devices.seen_at.desc(), Devices.id.desc())
    .limit(MOST)
)
TRIM: Final = Command(delete(Devices).where(Devices.user_id == USER, Devices.id.not_in(NEWEST)))
REMOVE: Final = Command(
    delete(Devices).where(
        Devices.id == bindparam("device_id", type_=Uuid), Devices.user_id == USER, IS_LIVE
    )
)
DROP: Final = Command(delete(Devices).where(Devices.token == bindparam("token")))
REACHABLE: Final = Query(
    select(*COLUMNS).where(Devices.user_id == USER, IS_LIVE).order_by(Devices.seen_at, Devices.id),
    Device,
)
OVER: Final = select(Devices.id).where(~IS_LIVE).limit(bindparam("most", type_=Integer)).cte("over")
FORGET: Final = Command(delete(Devices).where(Devices.id == OVER.c.id))
MATCHING: Final = Listing(
    Devices,
    Device,
    filters={"live_of": and_(Devices.user_id == bindparam("live_of", type_=Uuid), IS_LIVE)},
    sorts={"seen_at": Devices.seen_at},
)


class DeviceRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def register(self, device: Device) -> Device:
        """Keep a device, whoever had it; the account must be locked. Return it as it is kept."""
        kept = await self.connection.first(REGISTER, **values(device))
        assert kept is not None
        await self.connection.run(TRIM, user_id=device.user_id)
        return kept

    async def remove(self, device_id: UUID, *, user_id: UUID, now: datetime) -> bool:
        """Take one of a user's devices away; False when they have no such one."""
        removed = await self.connection.run(REMOVE, device_id=device_id, user_id=user_id, now=now)
        return removed == 1

    async def drop(self, token: str) -> None:
        await self.connection.run(DROP, token=token)

    async def reachable(self, user_id: UUID, *, now: datetime) -> list[Device]:
        """Return the devices of somebody on which they are signed in."""
        return await self.connection.all(REACHABLE, user_id=user_id, now=now)

    async def forget(self, *, now: datetime, most: int) -> int:
        """Delete up to `most` whose session is over; return how many."""
        return await self.connection.run(FORGET, now=now, most=most)

    async def matching(
        self, wanted: DeviceFilter, request: PageRequest[DeviceSort], *, now: datetime
    ) -> Page[Device]:
        return await MATCHING.page(self.connection, wanted, request, now=now)
