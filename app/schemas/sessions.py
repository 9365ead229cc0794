"""Sessions, as the API shows them to their owner."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.sessions import Session, SessionSort
from app.schemas.accounts import AnId, ATime
from app.schemas.base import ListQuery


class SessionRead(TypedDict):
    """A device that is signed in."""

    id: AnId
    device: Annotated[
        str | None, Field(description="As it was called at the login.", examples=["Ada's phone"])
    ]
    ip: Annotated[str | None, Field(description="Where it began.", examples=["203.0.113.7"])]
    user_agent: Annotated[str | None, Field(examples=["Mozilla/5.0 (X11; Linux x86_64)"])]
    created_at: ATime
    last_used_at: Annotated[
        datetime,
        Field(
            description="When it last began or was refreshed.", examples=["2030-02-01T10:00:00Z"]
        ),
    ]
    expires_at: Annotated[datetime, Field(examples=["2030-03-02T09:00:00Z"])]
    current: Annotated[bool, Field(description="The one that is asking.", examples=[True])]


def session_read(shown: tuple[Session, bool]) -> SessionRead:
    session, is_current = shown
    return {
        "id": session.id,
        "device": session.device,
        "ip": session.ip,
        "user_agent": session.user_agent,
        "created_at": session.created_at,
        "last_used_at": session.last_used_at,
        "expires_at": session.expires_at,
        "current": is_current,
    }


class SessionQuery(ListQuery):
    sort: SessionSort = SessionSort.NEWEST

    def page(self) -> PageRequest[SessionSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
