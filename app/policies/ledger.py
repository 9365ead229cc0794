"""Who may look into the books, and who pays those who sell."""

from dataclasses import replace
from datetime import datetime

from app.domain.actors import Actor
from app.domain.payouts import PayoutFilter
from app.domain.permissions import Permission


def ensure_can_read(actor: Actor) -> None:
    actor.ensure_may(Permission.LEDGER_READ, "Only an accountant can see the books.")


def ensure_can_manage_payouts(actor: Actor) -> None:
    actor.ensure_may(Permission.PAYOUTS_MANAGE, "Only an accountant can do that.")


def ensure_can_pay(actor: Actor, *, now: datetime) -> None:
    """Money leaves for good: that needs a fresh proof of who is asking."""
    ensure_can_manage_payouts(actor)
    actor.ensure_proved(now=now)


def narrow(actor: Actor, wanted: PayoutFilter) -> PayoutFilter:
    """Let those who sell see their own payouts alone."""
    if actor.may(Permission.PAYOUTS_MANAGE):
        return wanted
    return replace(wanted, owner_id=actor.user_id)
