"""Keeping the platform from being left without anybody who may do everything."""

from app.domain.accounts import LastSuperAdmin, is_acting_super_admin
from app.domain.users import User
from app.repositories.accounts import AccountRepository


class SuperAdminService:
    def __init__(self, accounts: AccountRepository) -> None:
        self.accounts = accounts

    async def ensure_can_leave(self, user: User) -> None:
        """Refuse with LastSuperAdmin if nobody else would be one.

        To be asked about an account that is locked, before it is deactivated, demoted or erased.
        Of two who leave at once, the second waits here until the first is gone.
        """
        if not is_acting_super_admin(user):
            return
        await self.accounts.lock_super_admins()
        if not await self.accounts.is_there_another_super_admin(user.id):
            raise LastSuperAdmin
