"""Every statement about who is signed in."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Guard, Query
from app.core.tokens import Claims
from app.domain.sessions import Session, SessionFilter, SessionSort
from app.domain.standing import Standing
from app.domain.users import User, UserStatus
from app.models import Providers, RefreshTokens, Sessions, TotpFactors, Users
from app.repositories.base import Listing, parameters, values

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
HASH: Final = bindparam("hash", type_=LargeBinary)
NEW_HASH: Final = bindparam("new_hash", type_=LargeBinary)
ATTEMPT: Final = bindparam("attempt", type_=LargeBinary)

IS_LIVE: Final = and_(
    Sessions.id == bindparam("session_id"),
    Sessions.user_id == bindparam("user_id"),
    Sessions.revoked_at.is_(None),
    Sessions.expires_at > bindparam("now"),
    Users.status == UserStatus.ACTIVE,
)
HAS_MFA: Final = exists().where(
    TotpFactors.user_id == Users.id, TotpFactors.activated_at.is_not(None)
)
WHO: Final = (
    Users.id.label("user_id"),
    Users.roles,
    Users.permissions,
    Providers.id.label("provider_id"),
    HAS_MFA.label("has_mfa"),
)
SIGNED_IN: Final = (
    select(*WHO, Sessions.id.label("session_id"), Sessions.proved_at, Sessions.stepped_up_at)
    .select_from(Sessions)
    .join(Users, Users.id == Sessions.user_id)
    .outerjoin(Providers, Providers.user_id == Users.id)
    .where(IS_LIVE)
)

# Asked together with the first query of a request: is everything known of them still so? The whole
# row is compared, as text: that is one parameter to send, where its columns are seven.
KNOWN: Final = SIGNED_IN.subquery("known")
WHOLE: Final = cast(literal_column("known"), Text)
LIVE: Final = Query(
    select(*KNOWN.c, WHOLE.label("whole")), lambda *row: (Standing(*row[:-1]), row[-1])
)
AS_KNOWN: Final = Guard(
    select(exists(select(KNOWN.c.user_id).where(bindparam("known", type_=Text) == WHOLE)))
)

# Whoever was let in by a password is, if it is still theirs when the session begins.
OWNER: Final = (
    update(Users)
    .where(
        Users.id == bindparam("user_id", type_=Uuid),
        Users.status == UserStatus.ACTIVE,
        Users.password_hash.is_not_distinct_from(bindparam("password_hash")),
    )
    .values(last_login_at=bindparam("created_at"))
    .returning(Users.id)
    .cte("owner")
)
SESSION: Final = parameters(Sessions, Session)
STARTED: Final = (
    insert(Sessions)
    .from_select(list(SESSION), select(*SESSION.values()).select_from(OWNER))
    .returning(Sessions.id, Sessions.created_at)
    .cte("started")
)
TOKEN: Final = ["hash", "session_id", "created_at", "used_at", "attempt"]
START: Final = Command(
    insert(RefreshTokens).from_select(
        TOKEN, select(HASH, STARTED.c.id, STARTED.c.created_at, null(), null())
    )
)

# Of two who show the same token at once, the second waits for the first and then finds it used.
CAN_GO_ON: Final = and_(
    Sessions.revoked_at.is_(None),
    Sessions.expires_at > NOW,
    Users.id == Sessions.user_id,
    Users.status == UserStatus.ACTIVE,
)
USED: Final = (
    update(RefreshTokens)
    .where(
        RefreshTokens.hash == HASH,
        RefreshTokens.used_at.is_(None),
        Sessions.id == RefreshTokens.session_id,
        CAN_GO_ON,
    )
    .values(used_at=NOW, attempt=ATTEMPT)
    .returning(RefreshTokens.session_id)
    .cte("used")
)
CONTINUED: Final = (
    update(Sessions)
    .where(Sessions.id == USED.c.session_id, CAN_GO_ON)
    .values(last_used_at=NOW)
    .returning(Sessions.id, Sessions.user_id, Sessions.expires_at)
    .cte("continued")
)
RENEWED: Final = (
    insert(RefreshTokens)
    .from_select(TOKEN, select(NEW_HASH, CONTINUED.c.id, NOW, null(), null()))
    .cte("renewed")
)
ROTATE: Final = Query(
    select(CONTINUED.c.user_id, CONTINUED.c.id, CONTINUED.c.expires_at).add_cte(RENEWED),
    lambda user_id, session_id, expires_at: (Claims(user_id, session_id), expires_at),
)
NEXT: Final = RefreshTokens.__table__.alias("next")
REPEAT: Final = Query(
    select(Sessions.user_id, Sessions.id, Sessions.expires_at)
    .select_from(RefreshTokens)
    .join(NEXT, NEXT.c.session_id == RefreshTokens.session_id)
    .join(Sessions, Sessions.id == RefreshTokens.session_id)
    .join(Users, Users.id == Sessions.user_id)
    .where(
        RefreshTokens.hash == HASH,
        RefreshTokens.attempt == ATTEMPT,
        RefreshTokens.used_at >= bindparam("used_since", type_=DateTime(timezone=True)),
        NEXT.c.hash == NEW_HASH,
        NEXT.c.used_at.is_(None),
        CAN_GO_ON,
    ),
    lambda user_id, session_id, expires_at: (Claims(user_id, session_id), expires_at),
)

END_REUSED: Final = Command(
    update(Sessions)
    .where(
        Sessions.id == RefreshTokens.session_id,
        RefreshTokens.hash == HASH,
        RefreshTokens.used_at.is_not(None),
    )
    .values(revoked_at=func.coalesce(Sessions.revoked_at, NOW))
)
END: Final = Command(
    update(Sessions)
    .where(Sessions.id == bindparam("session_id"), Sessions.revoked_at.is_(None))
    .values(revoked_at=NOW)
)
PROVE: Final = Command(
    update(Sessions)
    .where(Sessions.id == bindparam("session_id"), Sessions.revoked_at.is_(None))
    .values(proved_at=NOW, stepped_up_at=NOW)
)
END_OWN: Final = Command(
    update(Sessions)
    .where(
        Sessions.id == bindparam("session_id"),
        Sessions.user_id == bindparam("user_id"),
        Sessions.revoked_at.is_(None),
        Sessions.expires_at > NOW,
    )
    .values(revoked_at=NOW)
)
END_OF_TOKEN: Final = Command(
    update(Sessions)
    .where(
        Sessions.id == RefreshTokens.session_id,
        RefreshTokens.hash == HASH,
        Sessions.revoked_at.is_(None),
    )
    .values(revoked_at=NOW)
)
END_ALL: Final = Command(
    update(Sessions)
    .where(Sessions.user_id == bindparam("user_id"), Sessions.revoked_at.is_(None))
    .values(revoked_at=NOW)
)
END_OTHERS: Final = Command(
    update(Sessions)
    .where(
        Sessions.user_id == bindparam("user_id"),
        Sessions.id != bindparam("session_id"),
        Sessions.revoked_at.is_(None),
    )
    .values(revoked_at=NOW)
)
OLD: Final = (
    select(Sessions.id).where(Sessions.expires_at < NOW).limit(bindparam("most", type_=Integer))
).cte("old")
FORGET: Final = Command(delete(Sessions).where(Sessions.id == OLD.c.id))

MATCHING: Final = Listing(
    Sessions,
    Session,
    filters={
        "live_of": and_(
            Sessions.user_id == bindparam("live_of", type_=Uuid),
            Sessions.revoked_at.is_(None),
            Sessions.expires_at > NOW,
        )
    },
    sorts={"created_at": Sessions.created_at},
)


class SessionRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def live(
        self, session_id: UUID, *, user_id: UUID, now: datetime
    ) -> tuple[Standing, str] | None:
        """Return who is signed in with this session, unless it ended or was revoked.

        And the whole of it as text, which AS_KNOWN compares.
        """
        return await self.connection.first(LIVE, session_id=session_id, user_id=user_id, now=now)

    async def start(self, session: Session, *, user: User, token_hash: bytes) -> bool:
        """Begin a session for an account as it was seen; False when that was changed since."""
        started = await self.connection.run(
            START,
            **values(session),
            password_hash=user.password_hash,
            hash=token_hash,
        )
        return started == 1

    async def rotate(
        self, token_hash: bytes, new_hash: bytes, *, attempt: bytes | None, now: datetime
    ) -> tuple[Claims, datetime] | None:
        """Exchange an unused refresh token of a live session; return whose it is, until when."""
        return await self.connection.first(
            ROTATE, hash=token_hash, new_hash=new_hash, attempt=attempt, now=now
        )

    async def repeat(
        self,
        token_hash: bytes,
        new_hash: bytes,
        *,
        attempt: bytes,
        used_since: datetime,
        now: datetime,
    ) -> tuple[Claims, datetime] | None:
        """Return what `rotate` did for the same attempt, if the new token was not used yet."""
        return await self.connection.first(
            REPEAT,
            hash=token_hash,
            new_hash=new_hash,
            attempt=attempt,
            used_since=used_since,
            now=now,
        )

    async def end_reused(self, token_hash: bytes, *, now: datetime) -> bool:
        """End the session of a refresh token that was used before; False when it was not."""
        return await self.connection.run(END_REUSED, hash=token_hash, now=now) == 1

    async def end(self, session_id: UUID, *, now: datetime) -> None:
        await self.connection.run(END, session_id=session_id, now=now)

    async def prove(self, session_id: UUID, *, now: datetime) -> bool:
        """Note that its owner showed who they are; False when it was revoked."""
        return await self.connection.run(PROVE, session_id=session_id, now=now) == 1

    async def end_own(self, session_id: UUID, *, user_id: UUID, now: datetime) -> bool:
        """End one of a user's live sessions; False when they have no such one."""
        ended = await self.connection.run(END_OWN, session_id=session_id, user_id=user_id, now=now)
        return ended == 1

    async def end_of_token(self, token_hash: bytes, *, now: datetime) -> None:
        """End the session of a refresh token, used or not."""
        await self.connection.run(END_OF_TOKEN, hash=token_hash, now=now)

    async def end_all(self, user_id: UUID, *, now: datetime) -> None:
        await self.connection.run(END_ALL, user_id=user_id, now=now)

    async def end_others(self, user_id: UUID, *, but: UUID, now: datetime) -> None:
        """End every session of an account save one."""
        await self.connection.run(END_OTHERS, user_id=user_id, session_id=but, now=now)

    async def forget(self, *, now: datetime, most: int) -> int:
        """Delete up to `most` sessions that are over, with their tokens; return how many."""
        return await self.connection.run(FORGET, now=now, most=most)

    async def matching(
        self, wanted: SessionFilter, request: PageRequest[SessionSort], *, now: datetime
    ) -> Page[Session]:
        return await MATCHING.page(self.connection, wanted, request, now=now)
