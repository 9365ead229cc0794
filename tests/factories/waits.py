"""Who waits for a time with a provider, as it stands in the table."""

from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.offerings import Offering
from app.domain.providers import Provider
from app.domain.slot_waits import SlotWait
from app.domain.waitlist import WaitlistStatus
from app.models import SlotWaits
from app.repositories.base import values
from tests.factories.accounts import make_user
from tests.factories.clock import NOW


async def make_wait(
    connection: Connection, offering: Offering, provider: Provider, *, starts_at: datetime
) -> datetime:
    """Keep a time for somebody; return when it starts."""
    made = SlotWait(
        id=new_id(),
        service_id=offering.id,
        provider_id=None,
        user_id=(await make_user(connection)).id,
        first_day=starts_at.date(),
        last_day=starts_at.date(),
        windows=None,
        status=WaitlistStatus.OFFERED,
        offered_by=provider.id,
        offer_starts_at=starts_at,
        offer_blocked_from=starts_at,
        offer_blocked_until=starts_at + timedelta(hours=1),
        offer_expires_at=NOW + timedelta(minutes=30),
        booking_id=None,
        created_at=NOW,
        updated_at=NOW,
    )
    await connection.run(Command(insert(SlotWaits).values(values(made))))
    return starts_at
