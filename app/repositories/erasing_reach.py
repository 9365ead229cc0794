"""Every statement that takes out where a person is signed in, and where they are reached."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Uuid, bindparam, delete

from app.core.statements import Command
from app.models import PhoneVerifications, Sessions, TelegramLinks

USER: Final = bindparam("user_id", type_=Uuid)

ERASING: Final[Mapping[str, Command]] = {
    "sessions": Command(delete(Sessions).where(Sessions.user_id == USER)),  # tokens, devices too
    "phone_verifications": Command(
        delete(PhoneVerifications).where(PhoneVerifications.user_id == USER)
    ),
    "telegram_links": Command(delete(TelegramLinks).where(TelegramLinks.user_id == USER)),
}
