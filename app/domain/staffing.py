"""Who performs an offering, and on which terms of their own."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from app.core.errors import Invalid
from app.core.money import Money
from app.domain.offerings import Offering, PaymentTerms, Performance, PriceContradictsPayment


@dataclass(frozen=True, slots=True)
class NamedProvider:
    """Somebody who is to perform an offering, at its price and in its time or their own."""

    provider_id: UUID
    price: Money | None = None
    duration_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Staffing:
    """Everybody who performs an offering, in the order of their ids."""

    providers: list[Performance]

    @classmethod
    def of(cls, performances: Iterable[Performance]) -> Self:
        return cls(sorted(performances, key=lambda one: one.provider_id))

    def differing(self, other: "Staffing") -> set[UUID]:
        """Return whose terms are not the same in both, or who is in one of them only."""
        mine = {one.provider_id: one for one in self.providers}
        theirs = {one.provider_id: one for one in other.providers}
        return {id_ for id_ in mine.keys() | theirs.keys() if mine.get(id_) != theirs.get(id_)}


class CurrencyMismatch(Invalid):
    """A provider's own price is in the service's currency."""


class UnknownProvider(Invalid):
    """There is no such provider."""


class ProviderTwice(Invalid):
    """This provider is named twice."""


def performances(
    offering: Offering, named: Sequence[NamedProvider], *, known: Collection[UUID]
) -> Iterator[Performance]:
    """Yield the terms of those named; refuse who is not known, and who is named twice."""
    seen: set[UUID] = set()
    for index, one in enumerate(named):
        here = f"#/providers/{index}"
        if one.provider_id not in known:
            raise UnknownProvider().at(f"{here}/provider_id")
        if one.provider_id in seen:
            raise ProviderTwice().at(f"{here}/provider_id")
        seen.add(one.provider_id)
        own = _own_price(offering, one.price, f"{here}/price")
        yield Performance(offering.id, one.provider_id, own, one.duration_minutes)


def _own_price(offering: Offering, price: Money | None, here: str) -> int | None:
    """Return an own price in the offering's currency; nothing costs nothing, where it is free."""
    if price is None:
        return None
    if price.currency != offering.price_currency:
        raise CurrencyMismatch().at(f"{here}/currency")
    if (price.amount == 0) != (offering.payment is PaymentTerms.FREE):
        raise PriceContradictsPayment().at(f"{here}/amount")
    return price.amount or None
