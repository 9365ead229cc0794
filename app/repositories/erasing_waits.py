"""What goes of what somebody waited for when they are erased."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Uuid, bindparam, delete

from app.core.statements import Command
from app.models import SlotWaits

USER: Final = bindparam("user_id", type_=Uuid)

ERASING: Final[Mapping[str, Command]] = {
    "slot_waits": Command(delete(SlotWaits).where(SlotWaits.user_id == USER)),
}
