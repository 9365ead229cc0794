"""What each event of the business is in the books."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import new_id
from app.core.money import LARGEST, Money
from app.domain.ledger import Account, AccountKind, Posting, UnbalancedEntry, balanced
from app.domain.postings import (
    REFUNDS,
    REVENUE,
    captured,
    clearing,
    commission,
    earned,
    fee_kept,
    organizer,
    paid_out,
    provider,
    refund_failed,
    refund_planned,
    refund_succeeded,
    topped_up,
    transferred,
    wallet,
)

SOMEBODY, OTHER = new_id(), new_id()
SELLER = provider(SOMEBODY)
CARD = clearing("stripe")
amounts = st.builds(Money, st.integers(1, LARGEST), st.sampled_from(["EUR", "JPY", "KWD"]))
EVERY = {
    "captured": lambda amount: captured(amount, paid_from=CARD, seller=SELLER),
    "captured from a wallet": lambda amount: captured(
        amount, paid_from=wallet(OTHER), seller=organizer(SOMEBODY)
    ),
    "fee": lambda amount: fee_kept(amount, gateway="stripe"),
    "planned": lambda amount: refund_planned(amount, taken_from=SELLER.deposits),
    "succeeded": lambda amount: refund_succeeded(amount, given_to=CARD),
    "failed": lambda amount: refund_failed(amount, taken_from=SELLER.earned),
    "failed late": lambda amount: refund_failed(amount, taken_from=SELLER.earned, given_to=CARD),
    "earned": lambda amount: earned(amount, seller=SELLER, basis_points=1234),
    "topped up": lambda amount: topped_up(amount, gateway="stripe", user_id=OTHER),
    "transferred": lambda amount: transferred(amount, sender_id=SOMEBODY, receiver_id=OTHER),
    "paid out": lambda amount: paid_out(amount, account=SELLER.earned),
}


def sums(postings: list[Posting]) -> dict[Account, int]:
    return {account: amount.amount for account, amount in balanced(postings)}


@pytest.mark.parametrize("name", EVERY)
@given(amount=amounts)
def test_every_event_sums_to_zero(name, amount):
    made = balanced(EVERY[name](amount))

    assert sum(posting.amount.amount for posting in made) == 0
    assert {posting.amount.currency for posting in made} == {amount.currency}


@pytest.mark.parametrize("name", sorted(EVERY.keys() - {"earned"}))
@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_is_no_event(name, amount):
    with pytest.raises(ValueError):
        EVERY[name](Money(amount, "EUR"))


def test_what_a_customer_paid_is_the_sellers_deposit_until_it_is_earned():
    price = Money(4500, "EUR")

    paid = sums(captured(price, paid_from=CARD, seller=SELLER))
    done = sums(earned(price, seller=SELLER, basis_points=1000))

    assert paid == {CARD: -4500, SELLER.deposits: 4500}
    assert done == {SELLER.deposits: -4500, SELLER.earned: 4050, REVENUE: 450}


@pytest.mark.parametrize(
    ("amount", "basis_points", "kept"),
    [
        (4500, 0, 0),
        (4500, 10_000, 4500),
        (1, 4999, 0),
        (1, 5000, 1),
        (-1, 5000, -1),
        (333, 1250, 42),  # 41.625
        (100, 50, 1),  # half a cent goes to the platform
        (100, 49, 0),
        (LARGEST, 3333, 333_300_000_000),
    ],
)
def test_half_a_unit_of_the_commission_is_rounded_away_from_zero(amount, basis_points, kept):
    assert commission(Money(amount, "EUR"), basis_points) == Money(kept, "EUR")


@given(amount=amounts, basis_points=st.integers(0, 10_000))
def test_the_seller_gets_exactly_the_rest(amount, basis_points):
    made = sums(earned(amount, seller=SELLER, basis_points=basis_points))

    kept, left = made.get(REVENUE, 0), made.get(SELLER.earned, 0)
    assert kept + left == amount.amount
    assert 0 <= kept <= amount.amount
    assert abs(kept * 10_000 - amount.amount * basis_points) <= 5_000


@given(amount=amounts)
def test_a_refund_that_fails_is_as_if_it_had_never_been(amount):
    planned = refund_planned(amount, taken_from=SELLER.deposits)
    gone = refund_succeeded(amount, given_to=CARD)

    early = planned + refund_failed(amount, taken_from=SELLER.deposits)
    late = [*planned, *gone, *refund_failed(amount, taken_from=SELLER.deposits, given_to=CARD)]

    assert balanced(early) == []
    assert balanced(late) == []
    assert sums(planned + gone) == {SELLER.deposits: -amount.amount, CARD: amount.amount}
    assert sums(planned)[REFUNDS] == amount.amount


def test_what_does_not_sum_to_zero_in_each_currency_is_no_entry():
    one, other = Account(AccountKind.REFUNDS), Account(AccountKind.PAYOUTS)

    with pytest.raises(UnbalancedEntry):
        balanced([Posting(one, Money(5, "EUR")), Posting(other, Money(-5, "USD"))])


@given(st.permutations([wallet(SOMEBODY), wallet(OTHER), CARD, REVENUE, SELLER.deposits]))
def test_accounts_are_always_in_the_same_order(accounts):
    postings = [Posting(account, Money(1, "EUR")) for account in accounts]
    rest = Posting(REFUNDS, Money(-len(accounts), "EUR"))

    places = [account for account, _ in balanced([*postings, rest])]

    assert places == [account for account, _ in balanced([rest, *reversed(postings)])]
