"""Every statement about using a promo code. The code is the last thing a booking locks."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    String,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.bookings import Booking
from app.domain.promo_codes import PromoCode
from app.models import PromoCodes, PromoUses, Providers
from app.repositories.base import columns

COLUMNS: Final = columns(PromoCodes, PromoCode)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
CODE_ID: Final = bindparam("promo_code_id", type_=Uuid)
BOOKING_ID: Final = bindparam("booking_id", type_=Uuid)
USER_ID: Final = bindparam("user_id", type_=Uuid)

SELLER: Final = func.coalesce(
    bindparam("organizer_id", type_=Uuid),
    select(Providers.user_id)
    .where(Providers.id == bindparam("provider_id", type_=Uuid))
    .scalar_subquery(),
)
# The seller's own first, then the platform's.
FOUND: Final = Query(
    select(*COLUMNS)
    .where(
        PromoCodes.code == bindparam("code", type_=String),
        or_(PromoCodes.owner_id.is_(None), PromoCodes.owner_id == SELLER),
    )
    .order_by(PromoCodes.owner_id.is_(None), PromoCodes.id),
    PromoCode,
)
BY_ID: Final = Query(select(*COLUMNS).where(PromoCodes.id == CODE_ID), PromoCode)
# Every booking that is being made with it holds its key, and then waits for this lock: one that
# takes the key too would wait for them.
LOCK: Final = Query(
    select(*COLUMNS).where(PromoCodes.id == CODE_ID).with_for_update(key_share=True), PromoCode
)

IS_OPEN: Final = and_(
    PromoCodes.is_active,
    or_(PromoCodes.starts_at.is_(None), PromoCodes.starts_at <= NOW),
    or_(PromoCodes.ends_at.is_(None), PromoCodes.ends_at > NOW),
)
HAS_USES: Final = or_(PromoCodes.max_uses.is_(None), PromoCodes.uses < PromoCodes.max_uses)


def counting(*guards: ColumnElement[bool]) -> Command:
    """Return what counts one more use of a code that passes the guards, and locks it."""
    return Command(
        update(PromoCodes).where(PromoCodes.id == CODE_ID, *guards).values(uses=PromoCodes.uses + 1)
    )


COUNT: Final = counting(IS_OPEN, HAS_USES)

OF_USER: Final = (
    select(func.count(type_=BigInteger))
    .where(
        PromoUses.promo_code_id == CODE_ID,
        PromoUses.user_id == USER_ID,
        PromoUses.returned_at.is_(None),
    )
    .scalar_subquery()
)
MAY_AGAIN: Final = or_(
    PromoCodes.max_uses_per_user.is_(None), PromoCodes.max_uses_per_user > OF_USER
)


def noting(*guards: ColumnElement[bool]) -> Command:
    """Return what notes whose use it is, if the guards let them; the code must be locked."""
    row = select(BOOKING_ID, PromoCodes.id, USER_ID, NOW).where(PromoCodes.id == CODE_ID, *guards)
    names = ["booking_id", "promo_code_id", "user_id", "created_at"]
    return Command(insert(PromoUses).from_select(names, row))


NOTE: Final = noting(MAY_AGAIN)

USES_OF_USER: Final = Query(select(OF_USER), int)
AGAIN: Final = (
    update(PromoUses)
    .where(PromoUses.booking_id == BOOKING_ID, PromoUses.returned_at.is_not(None))
    .values(returned_at=None)
    .returning(PromoUses.promo_code_id)
    .cte("again")
)
TAKE_AGAIN: Final = Command(
    update(PromoCodes)
    .where(PromoCodes.id == AGAIN.c.promo_code_id)
    .values(uses=PromoCodes.uses + 1)
)
BACK: Final = (
    update(PromoUses)
    .where(PromoUses.booking_id == BOOKING_ID, PromoUses.returned_at.is_(None))
    .values(returned_at=NOW)
    .returning(PromoUses.promo_code_id)
    .cte("back")
)
GIVE_BACK: Final = Command(
    update(PromoCodes).where(PromoCodes.id == BACK.c.promo_code_id).values(uses=PromoCodes.uses - 1)
)


class PromoUseRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def found(
        self, code: str, *, organizer_id: UUID | None = None, provider_id: UUID | None = None
    ) -> list[PromoCode]:
        """Return the codes of these letters that who sells it, or the platform, has."""
        return await self.connection.all(
            FOUND, code=code, organizer_id=organizer_id, provider_id=provider_id
        )

    async def count(self, promo_code_id: UUID, *, now: datetime) -> bool:
        """Count one use more, and lock the code; return whether there was one left."""
        return await self.connection.run(COUNT, promo_code_id=promo_code_id, now=now) == 1

    async def note(self, booking: Booking, promo_code_id: UUID) -> bool:
        """Note whose use it was; return whether they had one left. It must be counted before."""
        noted = await self.connection.run(
            NOTE,
            booking_id=booking.id,
            promo_code_id=promo_code_id,
            user_id=booking.customer_id,
            now=booking.created_at,
        )
        return noted == 1

    async def get(self, promo_code_id: UUID) -> PromoCode | None:
        return await self.connection.first(BY_ID, promo_code_id=promo_code_id)

    async def lock(self, promo_code_id: UUID) -> PromoCode | None:
        return await self.connection.first(LOCK, promo_code_id=promo_code_id)

    async def uses_of(self, promo_code_id: UUID, user_id: UUID) -> int:
        """Return how often somebody uses it now; it must be locked."""
        found = await self.connection.first(
            USES_OF_USER, promo_code_id=promo_code_id, user_id=user_id
        )
        return found or 0

    async def take_again(self, booking_id: UUID) -> None:
        """Count again what was given back; the code must be locked."""
        await self.connection.run(TAKE_AGAIN, booking_id=booking_id)

    async def give_back(self, booking_id: UUID, *, now: datetime) -> None:
        await self.connection.run(GIVE_BACK, booking_id=booking_id, now=now)
