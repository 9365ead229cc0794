"""What goes of what somebody was told at once: all of it, their connections too."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Uuid, bindparam, delete, or_
from sqlalchemy.dialects.postgresql import array

from app.core.statements import Command
from app.domain.realtime import FrameType
from app.models import RealtimeFrames

USER: Final = bindparam("user_id", type_=Uuid)
# Whoever wrote a message is told it too, on their other devices: so their words go with this.
ERASING: Final[Mapping[str, Command]] = {
    "realtime_frames": Command(
        delete(RealtimeFrames).where(
            # What others were told may name them; it stands in their inboxes, in words of today.
            or_(
                RealtimeFrames.user_ids.contains(array([USER])),
                RealtimeFrames.type == FrameType.NOTIFICATION,
            )
        )
    ),
}
