"""Several bookings paid at once: a payment for them all, of which each has a share.

A share is a payment of its booking, and all that holds of one holds of it; only that its gateway
knows the whole, and is asked about that alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.money import LARGEST, Money
from app.domain.bookings import Booking
from app.domain.disputes import DisputeReport
from app.domain.payment_requests import opened
from app.domain.payments import (
    KEYLESS,
    Charge,
    ChargeState,
    GatewayName,
    Payment,
    PaymentMethod,
    RefundReport,
    RefundState,
)
from app.domain.refunds import Refund

MOST: Final = 20


class SeveralCurrencies(Invalid):
    """One payment is in one currency."""

    pointer = "#/booking_ids"


class SeveralCustomers(Invalid):
    """One payment is of one customer."""

    pointer = "#/booking_ids"


class TooMuchAtOnce(Invalid):
    """That is more than can be paid at once."""

    pointer = "#/booking_ids"


class ShareNeeded(Invalid):
    """It was for several bookings; say of which it is to be given back."""

    pointer = "#/booking_id"


def ensure_together(bookings: Sequence[Booking]) -> None:
    """Refuse with SeveralCustomers or SeveralCurrencies what one payment can't be for."""
    if len({booking.customer_id for booking in bookings}) > 1:
        raise SeveralCustomers
    if len({booking.price_currency for booking in bookings}) > 1:
        raise SeveralCurrencies


def grouped(
    bookings: Sequence[Booking],
    gateway: GatewayName,
    method: PaymentMethod,
    *,
    user_id: UUID,
    request_key: str | None,
    now: datetime,
) -> tuple[Payment, list[Payment]]:
    """Return a payment of what is due for all of them together, and its shares, in their order."""
    group_id, *ids = sorted(new_id() for _ in range(len(bookings) + 1))
    shares = [
        replace(
            opened(booking, gateway, method, user_id=user_id, request_key=None, now=now),
            id=id_,
            group_id=group_id,
        )
        for id_, booking in zip(ids, bookings, strict=True)
    ]
    total = sum(share.amount for share in shares)
    if total > LARGEST:
        raise TooMuchAtOnce
    whole = replace(
        shares[0],
        id=group_id,
        booking_id=None,
        group_id=None,
        booking_ids=[booking.id for booking in bookings],
        amount=total,
        request_key=request_key,
    )
    return whole, shares


def part_of(
    charge: Charge,
    share: Payment,
    refunds: Sequence[RefundReport],
    disputes: Sequence[DisputeReport],
) -> Charge:
    """Return what a report of the whole says of a share: it is as far, and paid as it was asked."""
    return Charge(
        reference="",
        payment_id=share.id,
        state=charge.state,
        amount=share.asked,
        failure_code=charge.failure_code,
        refunds=tuple(refunds),
        disputes=tuple(disputes),
    )


def allotted(
    charge: Charge, shares: Sequence[Payment], known: Sequence[Refund]
) -> dict[UUID, list[RefundReport]]:
    """Return which refunds a report tells of each share.

    One that is known is of the share it was of. One that the gateway began is taken from the
    shares in their order, of each as much as is left of it; what nothing was left for, since a
    refund of ours was under way that then failed, is taken when it is told again.
    """
    found: dict[UUID, list[RefundReport]] = {share.id: [] for share in shares}
    is_paid, gateway = charge.state is ChargeState.PAID, shares[0].gateway
    left = {share.id: _left(share, is_paid=is_paid) for share in shares}
    for one in charge.refunds:
        rows = [row for row in known if _is(row, one)] or _unanswered(known, one, gateway)
        for row in rows:
            found[row.payment_id].append(replace(one, refund_id=row.id, amount=row.money))
        rest = one.amount.amount - sum(row.money.amount for row in rows)
        told = {row.payment_id for row in rows}
        others = {share_id: most for share_id, most in left.items() if share_id not in told}
        for share_id, amount in _parts(others, rest) if rows else _split(left, rest):
            left[share_id] -= amount
            part = Money(amount, one.amount.currency)
            found[share_id].append(replace(one, refund_id=None, amount=part))
    return found


def disputed(charge: Charge, shares: Sequence[Payment]) -> dict[UUID, list[DisputeReport]]:
    """Return which disputes a report tells of each share: always the same, however often told.

    What a bank takes is of the shares in their order, of each up to what it was; its fee is of the
    first.
    """
    found: dict[UUID, list[DisputeReport]] = {share.id: [] for share in shares}
    for one in charge.disputes:
        told = one
        for share_id, amount in _split(
            {each.id: each.amount for each in shares}, one.amount.amount
        ):
            found[share_id].append(replace(told, amount=Money(amount, one.amount.currency)))
            told = replace(one, fee=None, fee_back=None)
    return found


def _is(row: Refund, report: RefundReport) -> bool:
    is_named = bool(report.reference) and row.reference == report.reference
    return is_named or row.id == report.refund_id


def _unanswered(
    known: Sequence[Refund], report: RefundReport, gateway: GatewayName
) -> Sequence[Refund]:
    """Return the first of that sum not told of, where a gateway doesn't say which one is."""
    if gateway not in KEYLESS:
        return ()
    pending = [one for one in known if one.state is RefundState.PENDING and not one.reference]
    return [one for one in pending if one.money == report.amount][:1]


def _left(share: Payment, *, is_paid: bool) -> int:
    return share.left if share.state is ChargeState.PAID else share.amount if is_paid else 0


def _split(left: dict[UUID, int], amount: int) -> Sequence[tuple[UUID, int]]:
    """Return how much is of which; all of it of the first where nothing is left of any."""
    return _parts(left, amount) or [(next(iter(left)), amount)]


def _parts(left: dict[UUID, int], amount: int) -> Sequence[tuple[UUID, int]]:
    """Return how much is of which, as far as something is left of them."""
    parts = []
    for share_id, most in left.items():
        part = min(most, amount)
        amount -= part
        parts += [(share_id, part)] if part > 0 else []
    return parts
