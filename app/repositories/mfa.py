"""Every statement about second factors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    LargeBinary,
    Uuid,
    bindparam,
    delete,
    exists,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.mfa import TotpFactor
from app.models import RecoveryCodes, TotpFactors
from app.repositories.base import columns, parameters, values

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
USER: Final = bindparam("user_id", type_=Uuid)
FACTOR: Final = bindparam("factor_id", type_=Uuid)
STEP: Final = bindparam("step", type_=BigInteger)

OF_USER: Final = Query(
    select(*columns(TotpFactors, TotpFactor)).where(TotpFactors.user_id == USER), TotpFactor
)
IS_ON: Final = Query(
    select(exists().where(TotpFactors.user_id == USER, TotpFactors.activated_at.is_not(None))),
    bool,
)

NEW: Final = insert(TotpFactors).values(parameters(TotpFactors, TotpFactor))
SET_UP: Final = Command(
    NEW.on_conflict_do_update(
        index_elements=[TotpFactors.user_id],
        set_={name: NEW.excluded[name] for name in ("id", "created_at", "last_step")},
        where=TotpFactors.activated_at.is_(None),
    )
)
ACTIVATE: Final = Command(
    update(TotpFactors)
    .where(TotpFactors.id == FACTOR, TotpFactors.activated_at.is_(None))
    .values(activated_at=NOW)
)
TURN_OFF: Final = Command(delete(TotpFactors).where(TotpFactors.user_id == USER))

# Of two who show the same code at once, the second waits for the first and then finds it used.
SPEND_STEP: Final = Command(
    update(TotpFactors)
    .where(TotpFactors.id == FACTOR, TotpFactors.last_step < STEP)
    .values(last_step=STEP)
)
SPEND_CODE: Final = Command(
    update(RecoveryCodes)
    .where(
        RecoveryCodes.hash == bindparam("hash", type_=LargeBinary),
        RecoveryCodes.user_id == USER,
        RecoveryCodes.used_at.is_(None),
    )
    .values(used_at=NOW)
)

FORGET_CODES: Final = Command(delete(RecoveryCodes).where(RecoveryCodes.user_id == USER))
HASHES: Final = func.unnest(bindparam("hashes", type_=ARRAY(LargeBinary)), type_=LargeBinary)
ADD_CODES: Final = Command(
    insert(RecoveryCodes).from_select(
        ["hash", "user_id", "created_at", "used_at"], select(HASHES, USER, NOW, null())
    )
)


class MfaRepository:
    """What changes a factor or its codes needs the account locked: two sets would be left."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, user_id: UUID) -> TotpFactor | None:
        return await self.connection.first(OF_USER, user_id=user_id)

    async def is_on(self, user_id: UUID) -> bool:
        return await self.connection.first(IS_ON, user_id=user_id) or False

    async def set_up(self, factor: TotpFactor) -> bool:
        """Keep a factor in the place of one that was not activated; False if one was."""
        return await self.connection.run(SET_UP, **values(factor)) == 1

    async def activate(self, factor: TotpFactor, *, now: datetime) -> bool:
        return await self.connection.run(ACTIVATE, factor_id=factor.id, now=now) == 1

    async def turn_off(self, user_id: UUID) -> None:
        """Forget the factor and its recovery codes."""
        await self.connection.run(FORGET_CODES, user_id=user_id)
        await self.connection.run(TURN_OFF, user_id=user_id)

    async def spend_step(self, factor: TotpFactor, step: int) -> bool:
        """Take the code of a step; False when that one, or a later one, was taken before."""
        return await self.connection.run(SPEND_STEP, factor_id=factor.id, step=step) == 1

    async def spend_code(self, user_id: UUID, hash_: bytes, *, now: datetime) -> bool:
        """Take a recovery code; False when there is no such one, or it was taken before."""
        return await self.connection.run(SPEND_CODE, user_id=user_id, hash=hash_, now=now) == 1

    async def replace_codes(self, user_id: UUID, hashes: Sequence[bytes], *, now: datetime) -> None:
        await self.connection.run(FORGET_CODES, user_id=user_id)
        await self.connection.run(ADD_CODES, user_id=user_id, hashes=list(hashes), now=now)
