"""Where people are reached by a channel: one address, or as many devices as they have."""

from collections.abc import Collection, Sequence

from app.domain.notification_deliveries import Delivery
from app.domain.notifications import Channel
from app.domain.recipients import Recipient, Target
from app.services.devices import DeviceService
from app.services.telegram import TelegramService


class AddressService:
    """`offered` are the channels there is anybody to send by."""

    def __init__(
        self, devices: DeviceService, telegram: TelegramService, *, offered: Collection[Channel]
    ) -> None:
        self.devices = devices
        self.telegram = telegram
        self.offered = offered

    async def targets(self, recipient: Recipient, channel: Channel) -> Sequence[Target]:
        """Return where somebody is reached by a channel at this moment; nothing where not."""
        if channel not in self.offered:
            return []
        match channel:
            case Channel.PUSH:
                devices = await self.devices.reachable(recipient.id)
                return [Target(device.token, device.id) for device in devices]
            case Channel.TELEGRAM:
                chat = await self.telegram.chat_of(recipient.id)
                return [] if chat is None else [Target(str(chat))]
        address = recipient.address(channel)
        return [] if address is None else [Target(address)]

    async def address(self, recipient: Recipient, delivery: Delivery) -> str | None:
        """Return where a delivery goes; None where they are not reached there any more."""
        for target in await self.targets(recipient, delivery.channel):
            if target.id == delivery.target_id:
                return target.address
        return None

    async def drop(self, channel: Channel, address: str) -> None:
        """Forget a device or a chat that nothing will ever reach again."""
        match channel:
            case Channel.PUSH:
                await self.devices.drop_dead(address)
            case Channel.TELEGRAM:
                await self.telegram.drop_dead(int(address))
