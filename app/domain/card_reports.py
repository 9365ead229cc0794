"""What a gateway tells of a card it keeps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardReport:
    """A card as its gateway keeps it. `customer` is whose it is there, where it is told."""

    reference: str
    customer: str | None
    brand: str
    last4: str
    expires_month: int
    expires_year: int
    is_removed: bool = False
