"""What goes of all that somebody contributed when they are erased: files."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import DateTime, Uuid, bindparam, select, update

from app.core.statements import Command, Query
from app.domain.files import FileState
from app.models import Files

USER: Final = bindparam("user_id", type_=Uuid)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))

ERASING: Final[Mapping[str, Command]] = {
    # What is in them goes with the message of each; the sweep finds those that come after.
    "files": Command(
        update(Files)
        .where(Files.user_id == USER, Files.state != FileState.DROPPED)
        .values(state=FileState.DROPPED, name="", updated_at=NOW)
    ),
}
FILES: Final = Query(select(Files.id).where(Files.user_id == USER), lambda id_: id_)
