"""Devices that show push, as the API shows them to their owner."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.devices import Device, DeviceSort, Platform
from app.schemas.accounts import AnId, ATime
from app.schemas.base import Line, ListQuery, Request


class DeviceCreate(Request):
    platform: Annotated[Platform, Field(examples=["android"])]
    token: Annotated[
        str,
        Field(
            min_length=16,
            max_length=1024,
            pattern=r"^[!-~]+$",
            description="As Firebase gave it to the app.",
            examples=["cV0kq3bXR9mZ:APA91bH4x7example2example3example4"],
        ),
    ]
    name: Annotated[Line, Field(min_length=1, max_length=100, examples=["Ada's phone"])] | None = (
        None
    )


class DeviceRead(TypedDict):
    """A device on which one sees push, while one is signed in there."""

    id: AnId
    platform: Annotated[Platform, Field(examples=["android"])]
    token: Annotated[str, Field(description="Its ends alone.", examples=["cV0k…ple4"])]
    name: Annotated[str | None, Field(examples=["Ada's phone"])]
    created_at: ATime
    seen_at: Annotated[
        datetime, Field(description="When it last registered.", examples=["2030-02-01T10:00:00Z"])
    ]
    current: Annotated[
        bool, Field(description="It belongs to the session that is asking.", examples=[True])
    ]


def device_read(shown: tuple[Device, bool]) -> DeviceRead:
    device, is_current = shown
    return {
        "id": device.id,
        "platform": device.platform,
        "token": device.hint,
        "name": device.name,
        "created_at": device.created_at,
        "seen_at": device.seen_at,
        "current": is_current,
    }


class DeviceQuery(ListQuery):
    sort: DeviceSort = DeviceSort.NEWEST

    def page(self) -> PageRequest[DeviceSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
