"""What a calendar file is in the document."""

from typing import Any, Final

CALENDAR: Final[dict[str, Any]] = {
    "content": {
        "text/calendar": {
            "schema": {"type": "string", "format": "binary"},
            "example": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
        }
    }
}
