"""Money in the books, from nowhere in particular."""

from uuid import UUID

from app.bootstrap import Doors
from app.core.ids import new_id
from app.core.money import Money
from app.domain.postings import Seller, clearing

GATEWAY = "sandbox"


async def top_up(doors: Doors, user_id: UUID, amount: int, currency: str = "EUR") -> None:
    """Put money into a wallet."""
    async with doors.writing() as services:
        await services.ledger.wallet_topped_up(
            new_id(), Money(amount, currency), gateway=GATEWAY, user_id=user_id
        )


async def earn(doors: Doors, seller: Seller, amount: int, currency: str = "EUR") -> None:
    """Let somebody have earned money, without a commission unless one is set."""
    paid = Money(amount, currency)
    async with doors.writing() as services:
        await services.ledger.payment_captured(
            new_id(), paid, paid_from=clearing(GATEWAY), seller=seller
        )
        await services.ledger.booking_earned(new_id(), paid, seller=seller)
