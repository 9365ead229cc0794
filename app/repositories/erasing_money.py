"""What goes of somebody's money when they are erased: words alone. The books stay."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import LargeBinary, Uuid, bindparam, delete, literal, null, or_, select, update

from app.core.statements import Command
from app.models import (
    Bookings,
    GatewayCustomers,
    GatewayEvents,
    Payments,
    Payouts,
    Providers,
    Refunds,
    SavedCards,
    WalletTransfers,
)

USER: Final = bindparam("user_id", type_=Uuid)
# Those of who pays, and of who sells.
SOLD: Final = select(Bookings.id).where(
    or_(
        Bookings.organizer_id == USER,
        Bookings.provider_id.in_(select(Providers.id).where(Providers.user_id == USER)),
    )
)
PARTS: Final = Payments.__table__.alias("parts")
THEIRS: Final = select(Payments.id).where(
    or_(
        Payments.user_id == USER,
        Payments.booking_id.in_(SOLD),
        Payments.id.in_(select(PARTS.c.group_id).where(PARTS.c.booking_id.in_(SOLD))),
    )
)
ERASING: Final[Mapping[str, Command]] = {
    "saved_cards": Command(delete(SavedCards).where(SavedCards.user_id == USER)),
    "gateway_customers": Command(delete(GatewayCustomers).where(GatewayCustomers.user_id == USER)),
    "payments": Command(
        update(Payments)
        .where(Payments.user_id == USER, Payments.request_key.is_not(None))
        .values(request_key=null())
    ),
    "refunds": Command(
        update(Refunds)
        .where(
            or_(Refunds.payment_id.in_(THEIRS), Refunds.requested_by == USER),
            Refunds.reason.is_not(None),
        )
        .values(reason=null())
    ),
    "gateway_events": Command(  # what was booked stands in them by its title
        update(GatewayEvents)
        .where(GatewayEvents.payment_id.in_(THEIRS))
        .values(body=literal(b"", LargeBinary))
    ),
    # Also what others wrote to them, which may call them by their name.
    "wallet_transfers": Command(
        update(WalletTransfers)
        .where(
            or_(WalletTransfers.from_user_id == USER, WalletTransfers.to_user_id == USER),
            WalletTransfers.note.is_not(None),
        )
        .values(note=null())
    ),
    "payouts": Command(
        update(Payouts)
        .where(Payouts.owner_id == USER, Payouts.note.is_not(None))
        .values(note=null())
    ),
}
