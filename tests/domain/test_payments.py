"""What a gateway reports, merged with what is known: the same in whatever order it comes."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from app.core.money import Money
from app.domain.disputes import DisputeReport, DisputeState
from app.domain.payments import (
    Begun,
    Charge,
    ChargeState,
    RefundReport,
    RefundState,
    further,
    merged,
    refund_further,
)

PAYMENT = UUID("0190a0a0-0000-7000-8000-000000000001")
REFUNDS = [UUID(int=PAYMENT.int + number) for number in (1, 2)]
NEW = Charge("pi_1", PAYMENT, ChargeState.OPEN, Money(45_00, "EUR"))


def money(most: int = 3):
    return some.builds(Money, some.integers(0, most), some.just("EUR"))


@some.composite
def refunds(draw):
    """Return some reports of two refunds; ours is known by our id, or that is not told."""
    found = draw(some.lists(some.sampled_from([0, 1]), max_size=2, unique=True))
    return tuple(
        RefundReport(
            reference=f"re_{number}",
            refund_id=draw(some.sampled_from([None, REFUNDS[number]])),
            amount=draw(money()),
            state=draw(some.sampled_from(RefundState)),
            failure_code=draw(some.sampled_from([None, "a", "b"])),
        )
        for number in found
    )


disputes = some.lists(
    some.builds(
        DisputeReport,
        reference=some.sampled_from(["dp_1", "dp_2"]),
        amount=money(),
        state=some.sampled_from(DisputeState),
        reason=some.sampled_from([None, "fraudulent", "general"]),
        is_withdrawn=some.booleans(),
        is_reinstated=some.booleans(),
        fee=some.none() | money(),
        fee_back=some.none() | money(),
    ),
    max_size=2,
    unique_by=lambda one: one.reference,
).map(tuple)
reports = some.builds(
    Charge,
    reference=some.sampled_from(["", "pi_1"]),
    payment_id=some.sampled_from([None, PAYMENT]),
    state=some.sampled_from(ChargeState),
    amount=money(),
    failure_code=some.sampled_from([None, "card_declined", "insufficient_funds"]),
    fee=some.none() | money(),
    refunds=refunds(),
    disputes=disputes,
)


def all_of(*facts: Charge) -> Charge:
    known = NEW
    for fact in facts:
        known = merged(known, fact)
    return known


@given(some.lists(reports, max_size=5), some.data())
def test_the_order_does_not_matter(facts, data):
    other_way = data.draw(some.permutations(facts))

    assert all_of(*facts) == all_of(*other_way)


@given(some.lists(reports, max_size=4), some.data())
def test_neither_does_how_often(facts, data):
    again = data.draw(some.lists(some.sampled_from(facts), max_size=4)) if facts else []

    assert all_of(*facts, *again) == all_of(*facts)


@given(reports, reports, reports)
def test_nor_which_are_merged_first(one, two, three):
    assert merged(merged(one, two), three) == merged(one, merged(two, three))
    assert merged(one, two) == merged(two, one)


@given(some.lists(reports, min_size=1, max_size=5))
def test_it_never_goes_back_and_paid_wins(facts):
    known = all_of(*facts)

    assert all(further(known.state, fact.state) is known.state for fact in facts)
    is_paid = any(fact.state is ChargeState.PAID for fact in facts)
    assert (known.state is ChargeState.PAID) == is_paid


def test_the_amount_is_of_the_report_that_is_further():
    captured = replace(NEW, state=ChargeState.PAID, amount=Money(30_00, "EUR"))

    assert all_of(captured, NEW) == all_of(NEW, captured) == captured


def test_a_report_of_a_refund_alone_changes_nothing_else():
    paid = replace(NEW, state=ChargeState.PAID)
    refund = RefundReport("re_1", REFUNDS[0], Money(10_00, "EUR"), RefundState.SUCCEEDED)
    aside = Charge("pi_1", None, ChargeState.OPEN, Money(0, "EUR"), refunds=(refund,))

    assert merged(NEW, aside) == replace(NEW, refunds=(refund,))
    assert merged(paid, aside) == replace(paid, refunds=(refund,))


def test_a_dispute_that_is_won_stays_won():
    taken = DisputeReport("dp_1", Money(20_00, "EUR"), DisputeState.LOST, is_withdrawn=True)
    back = replace(taken, state=DisputeState.WON, is_withdrawn=False, is_reinstated=True)
    lost, won = (replace(NEW, disputes=(one,)) for one in (taken, back))

    both = replace(NEW, disputes=(replace(back, is_withdrawn=True),))
    assert all_of(lost, won) == all_of(won, lost) == both


def test_a_paid_payment_has_not_failed():
    declined = replace(NEW, failure_code="card_declined")

    assert all_of(declined, replace(declined, state=ChargeState.PAID)).failure_code is None
    assert all_of(NEW, declined).failure_code == "card_declined"


def test_a_refund_that_failed_has_failed():
    states = (RefundState.FAILED, RefundState.SUCCEEDED)

    assert refund_further(*states) is refund_further(*reversed(states)) is RefundState.FAILED


def test_what_a_customer_pays_with_is_not_shown():
    assert "canary" not in repr(Begun(NEW, client_secret="pi_1_secret_canary"))
