"""Telling owners what happened to their accounts that nobody else should have done."""

from app.core.i18n import told
from app.core.ids import made_at
from app.domain.notices import SecurityNotice
from app.domain.users import UserStatus
from app.repositories.users import UserRepository
from app.services.mail import MailService


class NoticeService:
    def __init__(self, users: UserRepository, mail: MailService, base_url: str) -> None:
        self.users = users
        self.mail = mail
        self.base_url = base_url

    async def write_to_owner(self, notice: SecurityNotice) -> None:
        """Write to the address the account has now; to nobody where it is not in use.

        When it happened is told by the id of the notice, however late the letter leaves.
        """
        user = await self.users.get(notice.user_id)
        if user is None or user.status is not UserStatus.ACTIVE:
            return
        await self.mail.send(
            "security_notice",
            to=user.email,
            locale=user.locale,
            key=f"notice/{notice.notice_id}",
            notice=str(notice.kind),
            at=told(made_at(notice.notice_id), user.locale, timezone=user.timezone),
            link=f"{self.base_url}/forgot-password",
        )
