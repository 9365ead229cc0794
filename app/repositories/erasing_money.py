"""What goes of somebody's money when they are erased: words alone. The books stay."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Uuid, bindparam, null, or_, update

from app.core.statements import Command
from app.models import Payouts, WalletTransfers

USER: Final = bindparam("user_id", type_=Uuid)
ERASING: Final[Mapping[str, Command]] = {
    # Also what others wrote to them, which may call them by their name.
    "wallet_transfers": Command(
        update(WalletTransfers)
        .where(
            or_(WalletTransfers.from_user_id == USER, WalletTransfers.to_user_id == USER),
            WalletTransfers.note.is_not(None),
        )
        .values(note=null())
    ),
    "payouts": Command(
        update(Payouts)
        .where(Payouts.owner_id == USER, Payouts.note.is_not(None))
        .values(note=null())
    ),
}
