"""When a card is charged: at once, or only when its customer gets what they booked."""

from dataclasses import dataclass
from enum import StrEnum


class CaptureMode(StrEnum):
    """`manual`: the money is only kept at first; it is taken when a request is granted, or at the
    visit, and let go where there is none.
    """

    AUTOMATIC = "automatic"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class CaptureTerms:
    """How a booking's card is charged, whether it had to be granted by somebody, and whether it
    was.
    """

    mode: CaptureMode
    needs_grant: bool
    is_granted: bool

    @property
    def is_request(self) -> bool:
        """Whether somebody has to grant it still."""
        return self.needs_grant and not self.is_granted

    @property
    def waits(self) -> bool:
        """Whether money that is paid now is only kept at first."""
        return self.mode is CaptureMode.MANUAL and not (self.needs_grant and self.is_granted)
