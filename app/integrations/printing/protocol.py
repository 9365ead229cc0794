"""What the application needs to have printed, in its own words."""

from collections.abc import Sequence
from typing import Protocol

from app.core.i18n import Locale
from app.domain.printing import PrintedTicket
from app.domain.receipts import Receipt


class Printing(Protocol):
    async def tickets(self, tickets: Sequence[PrintedTicket], locale: Locale) -> bytes:
        """Return a PDF with a page for each ticket, one at the least, in the reader's language.

        The same tickets make the same bytes. A letter that no font here has is shown as U+FFFD.
        TooManyPages for more than MOST_PAGES, Busy where too many wait.
        """
        ...

    async def receipt(self, receipt: Receipt, locale: Locale) -> bytes:
        """Return a PDF of a receipt, in the reader's language; otherwise as `tickets`."""
        ...

    async def qr_svg(self, code: str, *, size: int) -> bytes:
        """Return the code as a square `size` wide, dark on white, with the margin it needs.

        `size` is between SMALLEST_QR and LARGEST_QR.
        """
        ...

    async def qr_png(self, code: str, *, size: int) -> bytes:
        """Return the same in pixels: the widest square up to `size` whose dots are whole ones."""
        ...

    def close(self) -> None: ...
