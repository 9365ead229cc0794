"""What goes of what somebody was told when they are erased: all of it."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import String, Uuid, bindparam, delete, or_, select

from app.core.statements import Command
from app.models import NotificationPreferences, Notifications, Suppressions, Users

USER: Final = bindparam("user_id", type_=Uuid)
PHONE: Final = select(Users.phone).where(Users.id == USER).scalar_subquery()
ERASING: Final[Mapping[str, Command]] = {
    "notifications": Command(  # and how they were sent
        delete(Notifications).where(Notifications.user_id == USER)
    ),
    "notification_preferences": Command(
        delete(NotificationPreferences).where(NotificationPreferences.user_id == USER)
    ),
    "suppressions": Command(
        delete(Suppressions).where(
            or_(
                Suppressions.address == bindparam("email", type_=String),
                Suppressions.address == PHONE,
            )
        )
    ),
}
