"""What must hold once everything was told and done: bookings, payments, bank and books agree."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.domain.bookings import Booking, BookingStatus, PaymentStatus
from app.domain.dues import GIVEN_UP, OPEN, asked_for, dues, is_payable, owed
from app.domain.payments import (
    UNSETTLED,
    ChargeState,
    GatewayName,
    Payment,
    RefundState,
)
from app.domain.refunds import Refund
from app.services.refunds import MOST_FAILURES
from tests.fakes.bank import DISPUTE_COSTS, Bank

SELLERS = ("deposits", "provider_payable", "organizer_payable", "platform_revenue")


def ensure_as_the_bank(payments: Sequence[Payment], bank: Bank) -> None:
    """Fail unless each payment stands as the bank has it, to the last cent."""
    states = {one.id: one.state for one in payments}
    for payment in payments:
        if payment.group_id is not None:  # the bank knows the whole alone
            assert payment.state is states[payment.group_id], payment
            continue
        charge = bank.charges.get(payment.id)
        if payment.gateway is not GatewayName.SANDBOX or charge is None:
            assert payment.state in (ChargeState.PAID, ChargeState.CANCELLED), payment
            continue
        assert charge.state is payment.state, (charge, payment)
        assert payment.disputed_amount == bank.taken(payment.id), (charge, payment)
        assert payment.left == bank.left(payment.id) - bank.taken(payment.id), (charge, payment)


def ensure_bookings_agree(
    bookings: Sequence[Booking],
    payments: Sequence[Payment],
    refunds: Sequence[Refund],
    *,
    now: datetime,
    on_site: UUID | None = None,
) -> None:
    """Fail unless all that is confirmed was paid, and what is kept is owed.

    A service that is paid `on_site` is confirmed without.
    """
    assert not [one for one in refunds if one.state is RefundState.PENDING]
    failed = [one.payment_id for one in refunds if one.state is RefundState.FAILED]
    for booking in bookings:
        own = [one for one in payments if one.booking_id == booking.id]
        _ensure_nothing_is_kept(booking, own, failed, now)
        _ensure_shown(booking, own, is_on_site=booking.service_id == on_site is not None)


def _ensure_nothing_is_kept(
    booking: Booking, payments: list[Payment], failed: list[UUID], now: datetime
) -> None:
    gave_up = any(failed.count(one.id) >= MOST_FAILURES for one in payments)
    assert sum(one.left for one in payments) <= owed(booking) or gave_up, (booking, payments)
    for one in payments:
        if one.is_authorized:
            assert booking.status is BookingStatus.CONFIRMED, (booking, one)
        elif one.state in UNSETTLED:  # of several bookings, as long as all of them are to be paid
            assert is_payable(booking, now=now), (booking, one)
            assert one.asked == asked_for(booking), (booking, one)


def _ensure_shown(booking: Booking, payments: list[Payment], *, is_on_site: bool) -> None:
    captured = sum(one.captured_amount for one in payments)
    left = captured - sum(one.refunded_amount for one in payments)  # disputes are shown elsewhere
    status, seen = booking.payment_status, (booking, payments)
    assert (booking.paid_amount, booking.kept_amount) == (captured, left), seen
    assert (captured > 0) == (status is not PaymentStatus.UNPAID), seen
    if booking.status is BookingStatus.PENDING:
        assert captured == 0, seen
    elif booking.status not in GIVEN_UP:
        was_kept = any(one.is_manual and one.authorized_at for one in payments)
        assert is_on_site or was_kept or captured >= _confirming(booking), seen
        assert (status is PaymentStatus.PAID) == (left >= owed(booking)), seen
        due = sum(one.amount for one in dues(booking))
        wanted = owed(booking) if _stands(booking) else booking.late_fee_amount
        rest = max(wanted - captured, 0)
        assert due == (rest if status in OPEN else 0), seen
    elif captured:
        is_whole = left == captured >= booking.price_amount
        assert (status is PaymentStatus.PAID) == is_whole, seen
        assert (status is PaymentStatus.PARTIALLY_PAID) == (left == captured and not is_whole), seen
    assert (status is PaymentStatus.REFUNDED) == (captured > 0 and left == 0), seen


def _confirming(booking: Booking) -> int:
    """Return what must have been paid for it at least, since it was confirmed."""
    deposit = booking.deposit
    return deposit.of(booking.price, booking.seats).amount if deposit else booking.price_amount


def _stands(booking: Booking) -> bool:
    return booking.status is not BookingStatus.NO_SHOW


def ensure_books_agree(
    balances: Mapping[str, int], payments: Sequence[Payment], bank: Bank, *, topped_up: int
) -> None:
    """Fail unless the books have what was kept, where it is, and nothing is on its way."""
    left = dict.fromkeys(GatewayName, 0)
    for one in payments:
        left[one.gateway] += 0 if one.booking_ids else one.left
    assert sum(balances.get(kind, 0) for kind in SELLERS) == sum(left.values())
    assert "refunds" not in balances
    taken = sum(bank.left(id_) - bank.taken(id_) for id_ in bank.charges)
    costs = sum(DISPUTE_COSTS for one in bank.charges.values() for d in one.disputes if d.fee)
    taken += left[GatewayName.CASH] - costs
    assert -balances.get("gateway_fees", 0) == costs
    assert -balances.get("gateway_clearing", 0) == taken + topped_up
    assert balances.get("customer_wallet", 0) == topped_up - left[GatewayName.WALLET]
