"""Every statement that takes out where a person is signed in, and where they are reached."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import String, Uuid, bindparam, cast, delete, select, union

from app.core.statements import Command, Query
from app.models import (
    Devices,
    EmailChanges,
    EmailVerifications,
    PhoneVerifications,
    Sessions,
    TelegramLinks,
    Users,
)

USER: Final = bindparam("user_id", type_=Uuid)

ADDRESSES: Final = Query(
    union(
        select(Users.email).where(Users.id == USER),
        select(EmailChanges.old_email).where(EmailChanges.user_id == USER),
        select(EmailChanges.email).where(EmailChanges.user_id == USER),
        select(EmailVerifications.email).where(EmailVerifications.user_id == USER),
    )
    .subquery()
    .select(),
    str,
)
RECIPIENTS: Final = Query(
    union(
        select(Users.phone).where(Users.id == USER, Users.phone.is_not(None)),
        select(PhoneVerifications.phone).where(PhoneVerifications.user_id == USER),
        select(Devices.token).where(Devices.user_id == USER),
        select(cast(TelegramLinks.chat_id, String)).where(
            TelegramLinks.user_id == USER, TelegramLinks.chat_id.is_not(None)
        ),
    )
    .subquery()
    .select(),
    str,
)
ERASING: Final[Mapping[str, Command]] = {
    "sessions": Command(delete(Sessions).where(Sessions.user_id == USER)),  # tokens, devices too
    "phone_verifications": Command(
        delete(PhoneVerifications).where(PhoneVerifications.user_id == USER)
    ),
    "telegram_links": Command(delete(TelegramLinks).where(TelegramLinks.user_id == USER)),
}
