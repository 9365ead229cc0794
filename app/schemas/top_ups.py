"""Top-ups as the API takes them; they are shown as payments."""

from typing import Literal

from app.domain.payments import PaymentMethod
from app.domain.top_ups import TopUpWanted
from app.schemas.base import Request
from app.schemas.payments import SumGiven

TopUpMethod = Literal[PaymentMethod.CARD, PaymentMethod.CREDIT_CARD, PaymentMethod.FREEDOMPAY]


class TopUpCreate(Request):
    amount: SumGiven
    payment_method: TopUpMethod

    def wanted(self) -> TopUpWanted:
        return TopUpWanted(self.amount.value(), PaymentMethod(self.payment_method))
