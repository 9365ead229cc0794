"""Appointments: the booking that a request for a provider's time makes, and one that is moved."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.core.ids import new_id
from app.core.money import Money
from app.domain.availability import Performer
from app.domain.bookings import (
    APPROVAL_HOLD,
    Booking,
    BookingKind,
    BookingStatus,
    PaymentStatus,
)
from app.domain.offerings import Offering, PaymentTerms
from app.domain.promo_codes import PromoCode, PromoCodeInvalid, discounts
from app.domain.walltime import wall_time


def appointment(
    offering: Offering,
    performer: Performer,
    *,
    customer_id: UUID,
    starts_at: datetime,
    notes: str | None,
    now: datetime,
    hold: timedelta,
    code: PromoCode | None = None,
) -> Booking:
    """Return the booking such a request makes, with price, buffers and policy of this moment.

    Refused with PromoCodeInvalid where it costs nothing, or too little for the code.
    """
    ends_at = starts_at + timedelta(minutes=performer.duration_minutes(offering))
    full = performer.price_amount(offering)
    discount = _discount(code, Money(full, offering.price_currency)) if code else 0
    price = full - discount
    is_due = offering.payment is not PaymentTerms.FREE and price > 0
    deposit = offering.deposit if is_due else None
    expires = None
    if offering.approval_required:
        expires = min(now + APPROVAL_HOLD, starts_at)
    elif is_due and (deposit or offering.payment is PaymentTerms.PREPAID):
        expires = min(now + hold, starts_at)
    return Booking(
        id=new_id(),
        kind=BookingKind.APPOINTMENT,
        status=BookingStatus.CONFIRMED if expires is None else BookingStatus.PENDING,
        customer_id=customer_id,
        service_id=offering.id,
        provider_id=performer.provider_id,
        event_id=None,
        organizer_id=None,
        title=offering.name,
        timezone=performer.timezone,
        starts_at=starts_at,
        starts_local=wall_time(starts_at, performer.timezone),
        ends_at=ends_at,
        blocked_from=starts_at - timedelta(minutes=offering.buffer_before_minutes),
        blocked_until=ends_at + timedelta(minutes=offering.buffer_after_minutes),
        seats=1,
        items=None,
        price_amount=price,
        price_currency=offering.price_currency,
        discount_amount=discount,
        promo_code_id=code.id if code else None,
        payment_status=PaymentStatus.UNPAID if is_due else PaymentStatus.NOT_REQUIRED,
        free_until_minutes=offering.free_until_minutes,
        late_fee_percent=offering.late_fee_percent,
        no_show_fee_percent=offering.no_show_fee_percent,
        no_show_fee_amount=offering.no_show_fee_amount,
        late_fee_amount=0,
        missed_fee_amount=0,
        deposit_percent=deposit.percent if deposit else None,
        deposit_amount=deposit.amount if deposit else None,
        deposit_rest=deposit.rest if deposit else None,
        paid_amount=0,
        refunded_amount=0,
        sequence=0,
        hold_expires_at=expires,
        notes=notes,
        cancelled_at=None,
        cancelled_by=None,
        cancel_reason=None,
        created_at=now,
        updated_at=now,
    )


def _discount(code: PromoCode, price: Money) -> int:
    (discount,) = discounts(code, [price.amount], price.currency)
    if not discount or not code.accepts(price):
        raise PromoCodeInvalid
    return discount


def moved(
    booking: Booking, offering: Offering, performer: Performer, *, starts_at: datetime
) -> Booking:
    """Return it at another time: as long as it takes now, at the price it was booked for."""
    ends_at = starts_at + timedelta(minutes=performer.duration_minutes(offering))
    expires = booking.hold_expires_at
    return replace(
        booking,
        provider_id=performer.provider_id,
        timezone=performer.timezone,
        starts_at=starts_at,
        starts_local=wall_time(starts_at, performer.timezone),
        ends_at=ends_at,
        blocked_from=starts_at - timedelta(minutes=offering.buffer_before_minutes),
        blocked_until=ends_at + timedelta(minutes=offering.buffer_after_minutes),
        hold_expires_at=expires and min(expires, starts_at),
    )
