"""The devices on which somebody sees push: each belongs to a session, and ends with it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.errors import Unauthenticated
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.devices import Device, DeviceFilter, DeviceNotFound, DeviceSort, Platform
from app.repositories.devices import DeviceRepository
from app.repositories.users import UserRepository

FORGOTTEN_AT_ONCE: Final = 1000


class DeviceService:
    def __init__(self, devices: DeviceRepository, users: UserRepository, clock: Clock) -> None:
        self.devices = devices
        self.users = users
        self.clock = clock

    async def register(
        self, actor: Actor, *, platform: Platform, token: str, name: str | None
    ) -> Device:
        """Keep the device that is asking; whoever had its token before has it no more."""
        await self.users.lock(actor.user_id)  # so that two at once are not one too many
        if actor.session_id is None:
            raise Unauthenticated
        now = self.clock()
        made = Device(new_id(), actor.user_id, actor.session_id, platform, token, name, now, now)
        return await self.devices.register(made)

    async def list(self, actor: Actor, request: PageRequest[DeviceSort]) -> Page[Device]:
        wanted = DeviceFilter(live_of=actor.user_id)
        return await self.devices.matching(wanted, request, now=self.clock())

    async def remove(self, actor: Actor, device_id: UUID) -> None:
        if not await self.devices.remove(device_id, user_id=actor.user_id, now=self.clock()):
            raise DeviceNotFound

    async def reachable(self, user_id: UUID) -> Sequence[Device]:
        """Return the devices on which somebody is signed in at this moment."""
        return await self.devices.reachable(user_id, now=self.clock())

    async def drop_dead(self, token: str) -> None:
        """Forget a token that nothing will ever reach again, whoever has it."""
        await self.devices.drop(token)

    async def forget_over(self) -> int:
        """Delete some whose session is over; return how many, 0 when none is left."""
        return await self.devices.forget(now=self.clock(), most=FORGOTTEN_AT_ONCE)
