"""Tickets and receipts, printed by reportlab in a thread of its own."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from app.core.errors import Busy
from app.core.i18n import Locale
from app.domain.printing import MOST_PAGES, PrintedTicket, TooManyPages
from app.domain.receipts import Receipt
from app.integrations.printing import receipts, squares
from app.integrations.printing.letters import REGULAR, drawable
from app.integrations.printing.page import HEIGHT, WIDTH, Page

MOST_WAITING: Final = 32
"""What waits to be printed; who comes after that is not let in."""


class ReportlabPrinting:
    """One thread: reportlab keeps its fonts for the process, and what it does holds the GIL."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="printing")
        self._waiting = 0

    async def tickets(self, tickets: Sequence[PrintedTicket], locale: Locale) -> bytes:
        if not tickets:
            raise ValueError("a document has a page")
        if len(tickets) > MOST_PAGES:
            raise TooManyPages
        return await self._run(lambda: _printed(tickets, locale))

    async def receipt(self, receipt: Receipt, locale: Locale) -> bytes:
        return await self._run(lambda: _receipt(receipt, locale))

    async def qr_svg(self, code: str, *, size: int) -> bytes:
        return await self._run(lambda: squares.svg(code, size))

    async def qr_png(self, code: str, *, size: int) -> bytes:
        return await self._run(lambda: squares.png(code, size))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], bytes]) -> bytes:
        """Wait for the thread and do the work; refuse with Busy when too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise Busy("Too much is being printed; try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _printed(tickets: Sequence[PrintedTicket], locale: Locale) -> bytes:
    made = BytesIO()
    canvas = _canvas(made, (WIDTH, HEIGHT), tickets[0].title, locale)
    for ticket in tickets:
        Page(canvas, locale).draw(ticket)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _receipt(receipt: Receipt, locale: Locale) -> bytes:
    made = BytesIO()
    title = receipts.heading(receipt, locale)
    canvas = _canvas(made, (receipts.WIDTH, receipts.HEIGHT), title, locale)
    receipts.Paper(canvas, receipt, locale).draw()
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _canvas(made: BytesIO, size: tuple[float, float], title: str, locale: Locale) -> Canvas:
    canvas = Canvas(made, size, invariant=True, lang=locale)
    canvas.setAuthor("Banister")
    canvas.setCreator("Banister")
    canvas.setSubject("")
    canvas.setTitle(drawable(title, REGULAR))
    return canvas
