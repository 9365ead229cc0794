"""Printing tickets. It takes a while: call it with no transaction open, and nothing held."""

from collections.abc import Sequence

from app.core.i18n import Locale
from app.domain.printing import PrintedTicket
from app.integrations.printing.protocol import Printing


class PrintingService:
    def __init__(self, printing: Printing) -> None:
        self.printing = printing

    async def tickets(self, tickets: Sequence[PrintedTicket], locale: Locale) -> bytes:
        return await self.printing.tickets(tickets, locale)

    async def svg(self, code: str, *, size: int) -> bytes:
        return await self.printing.qr_svg(code, size=size)

    async def png(self, code: str, *, size: int) -> bytes:
        return await self.printing.qr_png(code, size=size)
