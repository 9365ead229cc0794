"""Which payment gateways there are here, by the settings."""

from collections.abc import Mapping
from typing import Final

from app.core.clock import Clock
from app.core.config import Settings
from app.core.crypto import Signer
from app.domain.payments import GatewayName
from app.integrations.payments.freedompay import FreedomPayAccount, FreedomPayGateway
from app.integrations.payments.guarding import GuardedGateway
from app.integrations.payments.guarding_cards import GuardedCardGateway
from app.integrations.payments.protocol import PaymentGateway
from app.integrations.payments.sandbox import SandboxGateway
from app.integrations.payments.stripe import StripeAccount, StripeGateway, webhook_secrets

NOTICES: Final = "/api/v1/webhooks/freedompay"


def payment_gateways(
    settings: Settings, clock: Clock, sandbox: SandboxGateway | None
) -> Mapping[GatewayName, PaymentGateway]:
    """Return those that money can be asked of.

    Cards go to Stripe, or to the sandbox while there is no key; in production never to the
    sandbox, so that without a key nobody can pay by card.
    """
    gateways: dict[GatewayName, PaymentGateway] = {}
    if sandbox is not None:
        gateways[GatewayName.SANDBOX] = sandbox
    if settings.stripe_secret_key.get_secret_value():
        gateways[GatewayName.STRIPE] = GuardedCardGateway(
            _stripe(settings, clock), GatewayName.STRIPE
        )
    if settings.freedompay_merchant_id:
        gateways[GatewayName.FREEDOMPAY] = GuardedGateway(
            _freedompay(settings, clock), GatewayName.FREEDOMPAY
        )
    return gateways


def sandbox_gateway(settings: Settings, clock: Clock) -> SandboxGateway | None:
    """Return the gateway without a bank; None in production, and where Stripe takes cards."""
    if settings.is_production or settings.stripe_secret_key.get_secret_value():
        return None
    return SandboxGateway(Signer(settings.secret_key.get_secret_value()), clock)


def _stripe(settings: Settings, clock: Clock) -> StripeGateway:
    account = StripeAccount(
        secret_key=settings.stripe_secret_key.get_secret_value(),
        webhook_secrets=webhook_secrets(settings.stripe_webhook_secret.get_secret_value()),
        base=settings.stripe_api_base,
    )
    return StripeGateway(account, clock)


def _freedompay(settings: Settings, clock: Clock) -> FreedomPayGateway:
    account = FreedomPayAccount(
        merchant_id=settings.freedompay_merchant_id,
        secret=settings.freedompay_secret_key.get_secret_value(),
        api_base=settings.freedompay_api_base,
        notify_url=f"{settings.base_url}{NOTICES}",
        is_testing=not settings.is_production,
    )
    return FreedomPayGateway(account, clock)
