"""Whatever else is taken out of somebody's life, each stem's in a file of its own."""

from collections.abc import Mapping
from typing import Final

from app.core.statements import Command
from app.repositories import (
    erasing_chat,
    erasing_contributions,
    erasing_money,
    erasing_notifications,
    erasing_reach,
    erasing_realtime,
    erasing_waits,
)

ERASING: Final[Mapping[str, Command]] = {
    **erasing_waits.ERASING,
    **erasing_contributions.ERASING,
    **erasing_chat.ERASING,
    **erasing_money.ERASING,
    **erasing_reach.ERASING,
    **erasing_notifications.ERASING,
    **erasing_realtime.ERASING,
}
