"""What a code takes off: rounded by the line, and never a unit more or less than it says."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import new_id
from app.domain.booking_items import BookingItem
from app.domain.promo_codes import PromoCode, PromoKind, discounts, normalized, spread
from tests.factories.clock import NOW
from tests.factories.promo_codes import a_code

AMOUNTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=6)


def percent(value):
    return a_code(percent=value)


def fixed(amount, currency="EUR"):
    return a_code(kind=PromoKind.FIXED, percent=None, amount=amount, currency=currency)


@pytest.mark.parametrize(
    ("currency", "share", "totals", "off"),
    [
        ("EUR", 10, [1005], [101]),  # 1.005 is half a cent: up
        ("EUR", 10, [1004], [100]),
        ("EUR", 33, [1000, 1], [330, 0]),
        ("EUR", 50, [1, 1], [1, 1]),  # each line by itself
        ("JPY", 10, [55], [6]),
        ("JPY", 10, [54], [5]),
        ("KWD", 10, [1050], [110]),  # no gateway takes the third decimal
        ("KWD", 10, [1040], [100]),
        ("KWD", 10, [1045], [105]),  # of a price that no gateway takes either
        ("EUR", 100, [1999, 0], [1999, 0]),
    ],
)
def test_a_share_is_rounded_half_up_line_by_line(currency, share, totals, off):
    assert discounts(percent(share), totals, currency) == off


@pytest.mark.parametrize(
    ("currency", "amount", "totals", "off"),
    [
        ("EUR", 1000, [3000, 3000, 3000], [334, 333, 333]),
        ("EUR", 1000, [1000, 0, 3000], [250, 0, 750]),
        ("EUR", 5000, [1000, 500], [1000, 500]),
        ("JPY", 100, [300, 300, 300], [34, 33, 33]),
        ("KWD", 1000, [3000, 3000, 3000], [340, 330, 330]),
        ("EUR", 100, [0, 0], [0, 0]),
    ],
)
def test_an_amount_is_divided_by_what_the_lines_cost(currency, amount, totals, off):
    assert discounts(fixed(amount, currency), totals, currency) == off


@given(AMOUNTS, st.integers(1, 10**8), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_it_adds_up_and_no_line_costs_less_than_nothing(totals, amount, currency):
    off = discounts(fixed(amount, currency), totals, currency)

    assert sum(off) == min(amount, sum(totals))
    assert all(0 <= one <= total for one, total in zip(off, totals, strict=True))


@given(AMOUNTS, st.integers(1, 100), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_no_share_is_more_than_its_line(totals, share, currency):
    off = discounts(percent(share), totals, currency)

    assert all(0 <= one <= total for one, total in zip(off, totals, strict=True))


@given(
    st.integers(1, 10**6),
    st.integers(1, 30),
    st.integers(0, 10**6),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_given_back_one_by_one_tickets_cost_what_all_of_them_did(unit, quantity, off, currency):
    item = BookingItem("one", "One", quantity, unit, min(off, unit * quantity))
    paid, prices = item.total, []
    while item.quantity:
        less = item.less_one(currency)
        prices.append(item.total - less.total)
        item = less

    assert sum(prices) == paid
    assert all(0 <= price <= unit for price in prices)
    assert item.discount_amount == 0


def test_nothing_is_divided_into_nothing():
    assert spread(0, [0, 0], 1) == [0, 0]


@pytest.mark.parametrize("typed", ["spring-20", " SPRING-20 ", "Ｓpring-20"])
def test_a_code_is_the_same_however_it_is_typed(typed):
    assert normalized(typed) == "SPRING-20"


def test_a_code_for_a_service_is_for_no_event_and_the_other_way_round():
    of_service = replace(percent(10), service_id=new_id())
    of_event = replace(percent(10), event_id=new_id())

    assert of_service.covers_service(of_service.service_id)
    assert not of_service.covers_service(new_id())
    assert not of_service.covers_event(new_id())
    assert of_event.covers_event(of_event.event_id)
    assert not of_event.covers_event(new_id())
    assert not of_event.covers_service(new_id())


def test_it_is_open_from_its_start_to_its_end():
    code: PromoCode = replace(percent(10), starts_at=NOW, ends_at=NOW.replace(hour=13))

    assert code.is_open(NOW)
    assert not code.is_open(NOW.replace(hour=11))
    assert not code.is_open(NOW.replace(hour=13))
    assert not replace(code, is_active=False).is_open(NOW)
