"""What a deposit comes to, and what is then due."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import new_id
from app.core.money import LARGEST, Money, exponent
from app.domain.appointments import appointment
from app.domain.availability import Performer
from app.domain.bookings import Booking, BookingStatus, PaymentStatus
from app.domain.deposits import Deposit, DepositRest
from app.domain.dues import asked_for, dues, how_far, is_payable, owed, surplus
from app.domain.hours import Hours
from app.domain.offerings import PaymentTerms, Performance
from app.domain.postings import REVENUE, Earning, captured_late, clearing, earned, provider
from tests.factories.catalog import an_offering
from tests.factories.clock import NOW, at

STATUSES = [BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.CANCELLED]


def share(percent: int, price: Money) -> Money:
    return Deposit(percent, None, DepositRest.LATER).of(price, 1)


def booked(price: int = 1000, currency: str = "EUR", **changes) -> Booking:
    """Return an appointment with a deposit of 30 percent, unless it is told otherwise."""
    terms = {"deposit_percent": 30, "deposit_rest": DepositRest.LATER}
    offering = an_offering(
        price_amount=price, price_currency=currency, payment=PaymentTerms.PREPAID, **terms
    )
    performer = Performer(
        new_id(), Performance(offering.id, new_id(), None, None), Hours("UTC", ())
    )
    made = appointment(
        offering,
        performer,
        customer_id=new_id(),
        starts_at=at(60),
        notes=None,
        now=NOW,
        hold=timedelta(minutes=15),
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("percent", "price", "comes_to"),
    [
        (33, Money(1000, "JPY"), 330),
        (33, Money(1005, "JPY"), 332),  # 331.65
        (25, Money(1002, "JPY"), 251),  # 250.5: half goes up
        (33, Money(9999, "EUR"), 3300),  # 32.9967 EUR
        (50, Money(4501, "EUR"), 2251),  # 22.505 EUR
        (33, Money(10_000, "KWD"), 3300),
        (33, Money(10_050, "KWD"), 3320),  # 3.3165 KWD: no gateway takes the third decimal
        (50, Money(4510, "KWD"), 2260),  # 2.255 KWD
        (50, Money(4508, "KWD"), 2250),  # 2.254 KWD
    ],
)
def test_a_share_is_rounded_half_up_to_what_can_be_paid(percent, price, comes_to):
    assert share(percent, price) == Money(comes_to, price.currency)


@pytest.mark.parametrize(
    ("price", "comes_to"),
    [
        (Money(1, "JPY"), 1),
        (Money(3, "EUR"), 1),
        (Money(1000, "KWD"), 10),
        (Money(5, "KWD"), 5),
        (Money(0, "EUR"), 0),
    ],
)
def test_a_share_is_something_where_anything_is_to_be_paid(price, comes_to):
    assert share(1, price).amount == comes_to


@given(
    percent=st.integers(1, 100),
    amount=st.integers(0, LARGEST),
    currency=st.sampled_from(["JPY", "EUR", "KWD"]),
)
def test_a_share_is_never_more_than_the_price_and_the_rest_makes_it_whole(
    percent, amount, currency
):
    price = Money(amount, currency)
    deposit = share(percent, price)

    step = 10 ** max(exponent(currency) - 2, 0)
    assert 0 <= deposit.amount <= amount
    assert (deposit.amount == 0) == (amount == 0)
    assert deposit.amount in (0, amount) or deposit.amount % step == 0
    assert abs(100 * deposit.amount - amount * percent) <= 100 * step
    assert percent != 100 or deposit == price


@pytest.mark.parametrize(
    ("amount", "seats", "price", "comes_to"),
    [(300, 1, 1000, 300), (300, 3, 3000, 900), (300, 3, 500, 500), (300, 1, 300, 300)],
)
def test_a_fixed_one_is_for_each_seat_and_the_price_at_most(amount, seats, price, comes_to):
    deposit = Deposit(None, amount, DepositRest.ON_SITE)

    assert deposit.of(Money(price, "EUR"), seats).amount == comes_to


def test_first_the_deposit_is_due_and_then_the_rest():
    held = booked()
    stands = replace(
        held,
        status=BookingStatus.CONFIRMED,
        payment_status=PaymentStatus.PARTIALLY_PAID,
        paid_amount=300,
    )
    on_site = replace(stands, deposit_rest=DepositRest.ON_SITE)
    whole = replace(stands, payment_status=PaymentStatus.PAID, paid_amount=1000)

    assert [one.amount for one in dues(held)] == [300, 700]
    assert [one.amount for one in dues(stands)] == [700, 0]
    assert [one.amount for one in dues(on_site)] == [0, 700]
    assert [one.amount for one in dues(whole)] == [0, 0]
    assert [asked_for(one).amount for one in (held, stands, on_site)] == [300, 700, 700]
    assert [is_payable(one, now=NOW) for one in (held, stands, on_site, whole)] == [
        *[True, True, True],
        False,
    ]


def test_without_a_deposit_all_is_due_at_once_or_on_site():
    held = booked(deposit_percent=None, deposit_rest=None)
    on_site = replace(held, status=BookingStatus.CONFIRMED)

    assert [one.amount for one in dues(held)] == [1000, 0]
    assert [one.amount for one in dues(on_site)] == [0, 1000]


@pytest.mark.parametrize("status", [BookingStatus.EXPIRED, BookingStatus.CANCELLED])
def test_for_what_is_given_up_nothing_is_due(status):
    gone = booked(status=status)

    assert [one.amount for one in dues(gone)] == [0, 0]
    assert not is_payable(gone, now=NOW)


@given(
    price=st.integers(1, 5000),
    fee=st.integers(0, 5000),
    paid=st.integers(0, 6000),
    refunded=st.integers(0, 6000),
    status=st.sampled_from(STATUSES),
)
def test_what_is_due_is_never_given_back_and_the_other_way_round(
    price, fee, paid, refunded, status
):
    known = booked(
        price,
        status=status,
        late_fee_amount=fee,
        paid_amount=paid,
        refunded_amount=min(refunded, paid),
    )
    told = how_far(known, paid=known.paid_amount, refunded=known.refunded_amount)
    booking = replace(known, payment_status=told)
    due = asked_for(booking).amount

    assert not (due and surplus(booking).amount)
    assert due <= max(owed(booking), 0)
    if told is PaymentStatus.PAID and status is not BookingStatus.CANCELLED:
        assert booking.kept_amount >= owed(booking)
    if due and paid:
        assert told is PaymentStatus.PARTIALLY_PAID
        assert paid + due == owed(booking)


@given(
    parts=st.lists(st.integers(1, 10**6), min_size=2, max_size=5),
    basis_points=st.integers(0, 10_000),
)
def test_a_commission_on_parts_is_that_on_the_whole(parts, basis_points):
    seller, so_far = provider(new_id()), parts[0]
    first = Money(so_far, "EUR")
    what = earned(first, seller=seller, basis_points=basis_points)
    for part in parts[1:]:
        more = Earning(Money(so_far, "EUR"), Money(so_far + part, "EUR"))
        so_far += part
        what += captured_late(
            Money(part, "EUR"),
            paid_from=clearing("cash"),
            seller=seller,
            more=more,
            basis_points=basis_points,
        )
    whole = earned(Money(so_far, "EUR"), seller=seller, basis_points=basis_points)

    def of(account, postings):
        return sum(one.amount.amount for one in postings if one.account == account)

    assert of(REVENUE, what) == of(REVENUE, whole)
    assert of(seller.earned, what) == of(seller.earned, whole)
    assert sum(one.amount.amount for one in what) == 0
