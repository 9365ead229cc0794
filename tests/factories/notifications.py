"""What people were told, as it stands in the tables."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core.database import Connection
from app.core.ids import new_id
from app.domain.notification_deliveries import Delivery, queued
from app.domain.notifications import Channel, Facts, Kind, Notification, made
from app.domain.suppressions import Suppression, suppressed
from app.repositories.notification_deliveries import NotificationDeliveryRepository
from app.repositories.notifications import NotificationRepository
from app.repositories.suppressions import SuppressionRepository
from tests.factories.clock import NOW


async def make_notification(
    connection: Connection,
    user_id: UUID | None,
    kind: Kind = Kind.MESSAGE,
    *,
    facts: Facts | None = None,
    **changes: Any,
) -> Notification:
    """Tell somebody something in the program itself, by no other channel."""
    known = facts or Facts(text="We open at ten.")
    one = made(kind, user_id, key=f"{new_id()}", facts=known, is_shown=True, now=NOW)
    one = replace(one, **changes)
    assert await NotificationRepository(connection).add(one)
    return one


async def make_delivery(
    connection: Connection, notification: Notification, **changes: Any
) -> Delivery:
    delivery = queued(notification.id, Channel.EMAIL, due_at=NOW, now=NOW)
    delivery = replace(delivery, **changes)
    await NotificationDeliveryRepository(connection).add(delivery)
    return delivery


async def make_suppression(
    connection: Connection, address: str = "nobody@example.com", **changes: Any
) -> Suppression:
    one = suppressed(Channel.EMAIL, address, reason="smtp 550", now=NOW)
    one = replace(one, **changes)
    await SuppressionRepository(connection).add(one)
    return one
