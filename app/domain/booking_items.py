"""What the seats of a booking were sold as, line by line, and what one of them comes to."""

from typing import Any, NamedTuple
from uuid import UUID

from app.domain.bookings import Booking
from app.domain.promo_codes import unit_of


class BookingItem(NamedTuple):
    """So many tickets of a type at a price each, less what a code took off all of them."""

    ticket_type_id: str
    name: str
    quantity: int
    unit_amount: int
    discount_amount: int = 0

    @property
    def total(self) -> int:
        return self.unit_amount * self.quantity - self.discount_amount

    def discount_of_one(self, currency: str) -> int:
        """Return what of the discount goes with the next ticket: its part, rounded down.

        So whoever gives back all of them, one by one, gets exactly what they paid.
        """
        step = unit_of(currency, self.unit_amount, self.discount_amount)
        return self.discount_amount // (self.quantity * step) * step

    def less_one(self, currency: str) -> "BookingItem":
        off = self.discount_of_one(currency)
        return self._replace(quantity=self.quantity - 1, discount_amount=self.discount_amount - off)

    def kept(self) -> list[Any]:
        """Return it as it stands in the row of its booking."""
        return list(self if self.discount_amount else self[:-1])


def items_of(booking: Booking) -> list[BookingItem]:
    return [BookingItem(*one) for one in booking.items or ()]


def item_of(booking: Booking, ticket_type_id: UUID) -> BookingItem:
    """Return the line of a type that it has."""
    return next(one for one in items_of(booking) if one.ticket_type_id == str(ticket_type_id))
