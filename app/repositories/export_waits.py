"""What one person is told of the times they wait for."""

from typing import Final

from app.models import SlotWaits
from app.repositories.export_sections import USER, Section

SECTIONS: Final[dict[str, Section]] = {
    "slot_waits": Section(
        SlotWaits.id,
        SlotWaits.service_id,
        SlotWaits.provider_id,
        SlotWaits.first_day,
        SlotWaits.last_day,
        SlotWaits.windows,
        SlotWaits.status,
        SlotWaits.offer_starts_at,
        SlotWaits.offer_expires_at,
        SlotWaits.booking_id,
        SlotWaits.created_at,
        SlotWaits.updated_at,
        own=SlotWaits.user_id == USER,
        by=[SlotWaits.created_at, SlotWaits.id],
    ),
}
