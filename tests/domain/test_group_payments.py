"""What a report of a payment for several bookings says of each of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import new_id
from app.core.money import Money
from app.domain.disputes import DisputeReport, DisputeState
from app.domain.group_payments import allotted, disputed
from app.domain.payments import (
    Charge,
    ChargeState,
    GatewayName,
    Payment,
    PaymentMethod,
    RefundReport,
    RefundState,
)
from app.domain.refunds import Refund
from tests.factories.clock import NOW


def share(amount: int, refunded: int = 0, gateway: GatewayName = GatewayName.STRIPE) -> Payment:
    return Payment(
        id=new_id(),
        booking_id=new_id(),
        group_id=new_id(),
        booking_ids=None,
        user_id=new_id(),
        gateway=gateway,
        method=PaymentMethod.CARD,
        state=ChargeState.PAID,
        amount=amount,
        currency="EUR",
        captured_amount=amount,
        refunded_amount=refunded,
        disputed_amount=0,
        reference=None,
        client_secret=None,
        redirect_url=None,
        failure_code=None,
        card_id=None,
        saves_card=False,
        is_fee=False,
        request_key=None,
        paid_at=NOW,
        created_at=NOW,
        updated_at=NOW,
    )


def refund(of: Payment, amount: int, reference: str | None) -> Refund:
    return Refund(
        id=new_id(),
        payment_id=of.id,
        amount=amount,
        currency="EUR",
        state=RefundState.PENDING,
        reason=None,
        requested_by=None,
        reference=reference,
        failure_code=None,
        attempts=1,
        created_at=NOW,
        updated_at=NOW,
    )


def told(amount: int, reference: str = "re_1", refund_id=None) -> RefundReport:
    return RefundReport(reference, refund_id, Money(amount, "EUR"), RefundState.SUCCEEDED)


def report(*refunds: RefundReport) -> Charge:
    return Charge("ch_1", new_id(), ChargeState.PAID, Money(1000, "EUR"), refunds=refunds)


def amounts(found, shares):
    return [[one.amount.amount for one in found[each.id]] for each in shares]


def test_what_the_gateway_began_is_taken_from_the_shares_in_their_order():
    shares = [share(300, refunded=100), share(700)]

    found = allotted(report(told(450)), shares, [])

    assert amounts(found, shares) == [[200], [250]]


def test_told_again_it_is_of_those_it_was_of_and_goes_on_there():
    shares = [share(300, refunded=300), share(700, refunded=150)]
    known = [refund(shares[0], 300, "re_1"), refund(shares[1], 150, "re_1")]

    found = allotted(report(told(450)), shares, known)

    assert amounts(found, shares) == [[300], [150]]
    assert [one.refund_id for each in shares for one in found[each.id]] == [
        known[0].id,
        known[1].id,
    ]


def test_what_nothing_was_left_for_is_taken_once_something_is():
    shares = [share(300, refunded=300), share(300)]  # of the first, a refund of ours is under way
    first = allotted(report(told(600)), shares, [])
    assert amounts(first, shares) == [[], [300]]

    known = [refund(shares[1], 300, "re_1")]
    shares = [replace(shares[0], refunded_amount=0), replace(shares[1], refunded_amount=300)]

    again = allotted(report(told(600)), shares, known)
    assert amounts(again, shares) == [[300], [300]]
    known.append(refund(shares[0], 300, "re_1"))
    shares[0] = replace(shares[0], refunded_amount=300)
    assert amounts(allotted(report(told(600)), shares, known), shares) == [[300], [300]]


def test_ours_is_of_its_own_share_by_our_id():
    shares = [share(300), share(300, refunded=300)]
    known = [refund(shares[1], 300, None)]

    found = allotted(report(told(300, refund_id=known[0].id)), shares, known)

    assert amounts(found, shares) == [[], [300]]


@pytest.mark.parametrize(
    ("gateway", "of"), [(GatewayName.FREEDOMPAY, [[], [300]]), (GatewayName.STRIPE, [[300], []])]
)
def test_without_our_id_it_is_ours_only_where_a_gateway_has_no_keys(gateway, of):
    shares = [share(300, gateway=gateway), share(300, refunded=300, gateway=gateway)]

    found = allotted(report(told(300)), shares, [refund(shares[1], 300, None)])

    assert amounts(found, shares) == of


def test_before_it_was_told_that_all_is_paid_it_is_counted_as_if():
    shares = [replace(share(300), state=ChargeState.OPEN, captured_amount=0), share(700)]

    assert amounts(allotted(report(told(400)), shares, []), shares) == [[300], [100]]


@given(
    given=st.lists(st.tuples(st.integers(1, 900), st.integers(0, 900)), min_size=2, max_size=4),
    back=st.lists(st.integers(1, 2000), max_size=4),
)
def test_no_share_gives_back_more_than_is_left_while_anything_is(given, back):
    shares = [share(amount, refunded=min(refunded, amount)) for amount, refunded in given]
    reports = [told(amount, f"re_{place}") for place, amount in enumerate(back)]

    found = allotted(report(*reports), shares, [])

    left = sum(one.left for one in shares)
    parts = [one for each in shares for one in found[each.id]]
    for each in shares[1:]:
        assert sum(one.amount.amount for one in found[each.id]) <= each.left
    assert {one.reference for one in parts} == {one.reference for one in reports}
    if sum(back) <= left:
        assert sum(one.amount.amount for one in parts) == sum(back)


def test_what_a_bank_takes_is_always_of_the_same_shares_and_its_fee_once():
    shares = [share(300, refunded=300), share(700)]
    taken = DisputeReport("dp_1", Money(450, "EUR"), DisputeState.OPEN, fee=Money(15, "EUR"))

    found = disputed(replace(report(), disputes=(taken,)), shares)

    assert amounts(found, shares) == [[300], [150]]
    assert [one.fee for each in shares for one in found[each.id]] == [Money(15, "EUR"), None]
