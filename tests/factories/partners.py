"""Two people who have business with each other."""

from dataclasses import dataclass
from uuid import UUID

from app.bootstrap import Adapters
from app.core.database import Connection
from app.domain.bookings import Booking
from app.domain.providers import Provider
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at


@dataclass(frozen=True)
class Partners:
    """A customer, a provider, what the one has booked with the other, and headers of both."""

    customer_id: UUID
    provider: Provider
    booking: Booking
    customer: dict[str, str]
    seller: dict[str, str]

    @property
    def both(self) -> tuple[dict[str, str], dict[str, str]]:
        return self.customer, self.seller


async def make_partners(connection: Connection, adapters: Adapters) -> Partners:
    customer, provider = await make_user(connection), await make_provider(connection)
    offering = await make_offering(connection, provider)
    booking = await make_booking(connection, customer.id, offering, provider, starts_at=at(60))
    return Partners(
        customer.id,
        provider,
        booking,
        await sign_in(connection, adapters, user_id=customer.id),
        await sign_in(connection, adapters, user_id=provider.user_id),
    )
