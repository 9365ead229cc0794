"""Who may see which receipts."""

from dataclasses import replace

from app.domain.actors import Actor
from app.domain.permissions import Permission
from app.domain.receipts import Receipt, ReceiptFilter, ReceiptScope


def can_see(actor: Actor, receipt: Receipt) -> bool:
    """Tell whether they may see it: who got it, who issued it, who looks after the money."""
    if actor.user_id in (receipt.customer_id, receipt.issuer_id):
        return True
    return actor.may(Permission.PAYMENTS_READ_ANY)


def narrow(actor: Actor, scope: ReceiptScope, wanted: ReceiptFilter) -> ReceiptFilter:
    """Limit a listing to the scope; refuse everybody's to who may not see them."""
    match scope:
        case ReceiptScope.MINE:
            return replace(wanted, customer_id=actor.user_id)
        case ReceiptScope.SALES:
            return replace(wanted, issuer_id=actor.user_id)
        case ReceiptScope.ALL:
            actor.ensure_may(Permission.PAYMENTS_READ_ANY, "That list is not yours to see.")
            return wanted
