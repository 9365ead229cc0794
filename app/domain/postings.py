"""What each event of the business is in the books: postings that sum to zero.

Amounts are positive: which way they go is said here, and nowhere else.
"""

from typing import Final, NamedTuple
from uuid import UUID

from app.core.money import Money
from app.domain.ledger import Account, AccountKind, Posting

WHOLE: Final = 10_000
"""Basis points of everything."""


class Seller(NamedTuple):
    """Whose booking it is: the provider's user, or the organizer."""

    user_id: UUID
    payable: AccountKind

    @property
    def deposits(self) -> Account:
        return Account(AccountKind.DEPOSITS, self.user_id)

    @property
    def earned(self) -> Account:
        return Account(self.payable, self.user_id)


class Earning(NamedTuple):
    """What was earned of a booking before something, and what is after it."""

    before: Money
    after: Money


def provider(user_id: UUID) -> Seller:
    return Seller(user_id, AccountKind.PROVIDER_PAYABLE)


def organizer(user_id: UUID) -> Seller:
    return Seller(user_id, AccountKind.ORGANIZER_PAYABLE)


def clearing(gateway: str) -> Account:
    """Return where the money is that a gateway has taken for us."""
    return Account(AccountKind.GATEWAY_CLEARING, None, gateway)


def wallet(user_id: UUID) -> Account:
    return Account(AccountKind.CUSTOMER_WALLET, user_id)


REVENUE: Final = Account(AccountKind.PLATFORM_REVENUE)
REFUNDS: Final = Account(AccountKind.REFUNDS)
PAYOUTS: Final = Account(AccountKind.PAYOUTS)


def moved(amount: Money, *, out_of: Account, into: Account) -> list[Posting]:
    """Return two postings; refuse with a ValueError what is not more than nothing."""
    if amount.amount <= 0:
        raise ValueError(f"{amount} can't be moved")
    return [Posting(out_of, amount.times(-1)), Posting(into, amount)]


def captured(amount: Money, *, paid_from: Account, seller: Seller) -> list[Posting]:
    """It was paid, by a gateway or out of a wallet, for what is not over yet."""
    return moved(amount, out_of=paid_from, into=seller.deposits)


def captured_late(
    amount: Money, *, paid_from: Account, seller: Seller, more: Earning, basis_points: int
) -> list[Posting]:
    """It was paid for what is over, and was earned: it goes where that went, and from there back.

    Of what is earned by it the platform has its commission, so that all parts together cost what
    the whole would have.
    """
    kept = (
        commission(more.after, basis_points).amount - commission(more.before, basis_points).amount
    )
    return [
        *moved(amount, out_of=paid_from, into=seller.earned),
        Posting(seller.earned, Money(-kept, amount.currency)),
        Posting(REVENUE, Money(kept, amount.currency)),
    ]


def fee_kept(amount: Money, *, gateway: str) -> list[Posting]:
    return moved(amount, out_of=Account(AccountKind.GATEWAY_FEES), into=clearing(gateway))


def fee_returned(amount: Money, *, gateway: str) -> list[Posting]:
    return moved(amount, out_of=clearing(gateway), into=Account(AccountKind.GATEWAY_FEES))


def disputed(amount: Money, *, taken_from: Account, borne: int, gateway: str) -> list[Posting]:
    """A bank took it back: from who has it, and `borne` of it from the platform."""
    theirs = Money(amount.amount - borne, amount.currency)
    return [
        Posting(clearing(gateway), amount),
        Posting(taken_from, theirs.times(-1)),
        Posting(REVENUE, Money(-borne, amount.currency)),
    ]


def reinstated(amount: Money, *, given_to: Account, borne: int, gateway: str) -> list[Posting]:
    """The dispute was won: it goes back where it was taken from."""
    taken = disputed(amount, taken_from=given_to, borne=borne, gateway=gateway)
    return [Posting(one.account, one.amount.times(-1)) for one in taken]


def refund_planned(amount: Money, *, taken_from: Account) -> list[Posting]:
    """It was promised back: out of the seller's deposits or, once earned, of what they have."""
    return moved(amount, out_of=taken_from, into=REFUNDS)


def refund_succeeded(amount: Money, *, given_to: Account) -> list[Posting]:
    return moved(amount, out_of=REFUNDS, into=given_to)


def refund_failed(
    amount: Money, *, taken_from: Account, given_to: Account | None = None
) -> list[Posting]:
    """It stays with the seller; `given_to` where it had succeeded, and a bank sent it back."""
    return moved(amount, out_of=given_to or REFUNDS, into=taken_from)


def earned(amount: Money, *, seller: Seller, basis_points: int) -> list[Posting]:
    """What was booked is over: the seller has earned it, and the platform its commission."""
    kept = commission(amount, basis_points)
    left = Money(amount.amount - kept.amount, amount.currency)
    return [
        Posting(seller.deposits, amount.times(-1)),
        Posting(seller.earned, left),
        Posting(REVENUE, kept),
    ]


def topped_up(amount: Money, *, gateway: str, user_id: UUID) -> list[Posting]:
    return moved(amount, out_of=clearing(gateway), into=wallet(user_id))


def transferred(amount: Money, *, sender_id: UUID, receiver_id: UUID) -> list[Posting]:
    return moved(amount, out_of=wallet(sender_id), into=wallet(receiver_id))


def paid_out(amount: Money, *, account: Account) -> list[Posting]:
    return moved(amount, out_of=account, into=PAYOUTS)


def commission(amount: Money, basis_points: int) -> Money:
    """Return that share of it, half a minor unit rounded away from zero."""
    share = (abs(amount.amount) * basis_points + WHOLE // 2) // WHOLE
    return Money(share if amount.amount >= 0 else -share, amount.currency)
