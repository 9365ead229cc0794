"""Codes that make things cheaper: kept by who sells, and used by who buys."""

from functools import cached_property

from app.bootstrap.money import MoneyServices
from app.repositories.bookings import BookingRepository
from app.repositories.promo_codes import PromoCodeRepository
from app.repositories.promo_uses import PromoUseRepository
from app.services.promo_codes import PromoCodeService
from app.services.promo_uses import PromoUseService


class PromotingServices(MoneyServices):
    @cached_property
    def promo_codes(self) -> PromoCodeService:
        return PromoCodeService(
            PromoCodeRepository(self._connection), self.audit, self._adapters.clock
        )

    @cached_property
    def promo_uses(self) -> PromoUseService:
        return PromoUseService(
            PromoUseRepository(self._connection),
            BookingRepository(self._connection),
            self.limits,
            self._adapters.clock,
        )
