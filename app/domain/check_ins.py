"""What happens at the door of an event."""

from enum import StrEnum


class CheckInKind(StrEnum):
    IN = "in"
    UNDONE = "undone"
