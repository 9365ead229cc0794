"""What one person is told of what they were told."""

from typing import Final

from sqlalchemy import and_

from app.models import NotificationDeliveries, NotificationPreferences, Notifications
from app.repositories.export_sections import USER, Section

SECTIONS: Final[dict[str, Section]] = {
    "notifications": Section(
        Notifications.id,
        Notifications.kind,
        Notifications.facts,
        Notifications.created_at,
        Notifications.read_at,
        own=Notifications.user_id == USER,
        by=[Notifications.key],
    ),
    "notification_deliveries": Section(
        NotificationDeliveries.notification_id,
        NotificationDeliveries.channel,
        NotificationDeliveries.state,
        NotificationDeliveries.sent_at,
        NotificationDeliveries.created_at,
        own=and_(
            NotificationDeliveries.notification_id == Notifications.id,
            Notifications.user_id == USER,
        ),
        by=[NotificationDeliveries.notification_id, NotificationDeliveries.id],
    ),
    "notification_preferences": Section(
        NotificationPreferences.choices,
        NotificationPreferences.quiet_start,
        NotificationPreferences.quiet_end,
        own=NotificationPreferences.user_id == USER,
        by=[NotificationPreferences.user_id],
    ),
}
