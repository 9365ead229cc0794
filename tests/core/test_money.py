"""Money: integer minor units of one currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import CURRENCIES, LARGEST, Money, exponent

AMOUNTS = st.integers(-LARGEST, LARGEST)


@pytest.mark.parametrize(
    ("currency", "digits"), [("JPY", 0), ("EUR", 2), ("KZT", 2), ("USD", 2), ("KWD", 3)]
)
def test_a_currency_has_the_digits_iso_4217_gives_it(currency, digits):
    assert exponent(currency) == digits
    assert currency in CURRENCIES


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "DEM", "EURO", "eur"])
def test_what_nobody_pays_with_is_no_currency(code):
    assert code not in CURRENCIES


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(4500, "EUR"), "€45.00"),
        (Money(4500, "JPY"), "¥4,500"),
        (Money(4500, "KWD"), "KWD4.500"),
        (Money(-1, "USD"), "-$0.01"),
        (Money(LARGEST, "USD"), "$10,000,000,000.00"),
    ],
)
def test_money_is_written_with_its_minor_units(money, written):
    assert money.written("en") == written


def test_money_is_written_as_its_reader_expects():
    assert Money(4500, "EUR").written("ru") == "45,00\xa0€"
    assert Money(123456, "UAH").written("uk") == "1\xa0234,56\xa0₴"


def test_two_currencies_do_not_add_up():
    with pytest.raises(ValueError, match="EUR and USD"):
        Money(1, "EUR").plus(Money(1, "USD"))


@given(AMOUNTS, AMOUNTS)
def test_money_adds_up_like_integers(left, right):
    assert Money(left, "EUR").plus(Money(right, "EUR")) == Money(left + right, "EUR")


@given(AMOUNTS, st.integers(0, 100))
def test_a_share_is_within_half_a_unit_of_the_exact_one(amount, percent):
    share = Money(amount, "EUR").percent(percent).amount

    assert abs(100 * share - amount * percent) <= 50
    assert Money(-amount, "EUR").percent(percent).amount == -share


@given(AMOUNTS)
def test_all_of_it_is_all_of_it(amount):
    money = Money(amount, "KWD")

    assert (money.percent(100), money.percent(0)) == (money, Money(0, "KWD"))


def test_half_a_unit_goes_away_from_zero():
    assert Money(1, "EUR").percent(50).amount == 1
    assert Money(-1, "EUR").percent(50).amount == -1
    assert Money(3, "EUR").times(3) == Money(9, "EUR")
