"""Promo codes as they stand in the tables."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command, Query
from app.domain.promo_codes import PromoCode, PromoKind
from app.models import PromoCodes, PromoUses
from app.repositories.base import parameters, values
from tests.factories.clock import NOW

ADD = Command(insert(PromoCodes).values(parameters(PromoCodes, PromoCode)))
STANDING = (
    select(func.count())
    .where(PromoUses.promo_code_id == PromoCodes.id, PromoUses.returned_at.is_(None))
    .scalar_subquery()
)
COUNTED = Query(
    select(PromoCodes.uses, STANDING.label("standing")), lambda uses, standing: (uses, standing)
)


def a_code(**changes: Any) -> PromoCode:
    """Return a code of the platform's that takes a tenth off everything."""
    usual = {
        "id": new_id(),
        "code": "SPRING",
        "kind": PromoKind.PERCENT,
        "percent": 10,
        "uses": 0,
        "returns_use": True,
        "is_active": True,
        "created_at": NOW,
        "updated_at": NOW,
    }
    nothing = dict.fromkeys(PromoCode.__slots__)
    return PromoCode(**{**nothing, **usual, **changes})


def fixed(amount: int, currency: str = "EUR", **changes: Any) -> dict[str, Any]:
    """Return what is different of a code that takes an amount off."""
    kind = {"kind": PromoKind.FIXED, "percent": None, "amount": amount, "currency": currency}
    return {**kind, **changes}


async def make_code(connection: Connection, **changes: Any) -> PromoCode:
    code = a_code(**changes)
    await connection.run(ADD, **values(code))
    return code


async def uses_of(connection: Connection) -> int:
    """Return how often the only code there is, is used: as counted, and as noted."""
    ((uses, standing),) = await connection.all(COUNTED)
    assert uses == standing
    return uses
