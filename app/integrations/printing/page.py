"""A ticket on A6, which is as wide on a telephone as on paper: what, when, where, who, the code."""

from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_name
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A6
from reportlab.pdfgen.canvas import Canvas

from app.core.i18n import Locale, translate
from app.domain.printing import PrintedTicket
from app.integrations.printing import letters, squares
from app.integrations.printing.letters import BOLD, REGULAR, Set, Step

WIDTH, HEIGHT = A6
NOBODY: Final = "\N{EN DASH}"
EDGE: Final = 22.0
INNER: Final = WIDTH - 2 * EDGE
BAR: Final = 7.0
FOOT: Final = 16.0
GUTTER: Final = 12.0
HALF: Final = (INNER - GUTTER) / 2
LEADING: Final = 1.25  # from line to line, in sizes
LARGEST: Final = 190.0  # of the square, in points; beside what is longest it has 146
INK, GREY, RULE = HexColor("#14213d"), HexColor("#5c677d"), HexColor("#adb5bd")

TITLE: Final = (Step(17, 2), Step(14, 3), Step(11.5, 4), Step(10, 4), Step(8.5, 5))
DAY: Final = (Step(11.5, 1), Step(10, 1), Step(9, 2))
ZONE: Final = (Step(8, 1), Step(7, 2))
PLACE: Final = (Step(10, 2), Step(9, 3), Step(7.5, 4), Step(6.5, 5))
VALUE: Final = (Step(10, 1), Step(9, 2), Step(7.5, 3), Step(6, 5))
NUMBER: Final = (Step(10, 1),)
LABEL: Final = (Step(7, 1),)


class Page:
    """What is drawn, from the top down; `y` is where the next line begins."""

    def __init__(self, canvas: Canvas, locale: Locale) -> None:
        self._canvas = canvas
        self._locale = locale
        self._y = HEIGHT - BAR - EDGE + 4

    def draw(self, ticket: PrintedTicket) -> None:
        self._canvas.setFillColor(INK)
        self._canvas.rect(0, HEIGHT - BAR, WIDTH, BAR, stroke=0, fill=1)
        self._text(ticket.title, BOLD, TITLE, after=7)
        self._when(ticket)
        if ticket.location:
            self._text(ticket.location, REGULAR, PLACE, after=8)
        attendee, kind = translate("Attendee", self._locale), translate("Ticket", self._locale)
        price, booking = translate("Price", self._locale), translate("Booking", self._locale)
        self._pair((attendee, ticket.attendee or NOBODY), (kind, ticket.ticket_type))
        self._pair((price, ticket.price.written(self._locale)), (booking, ticket.reference))
        self._perforation()
        self._square(ticket)

    def _when(self, ticket: PrintedTicket) -> None:
        local = ticket.starts_at.astimezone(ZoneInfo(ticket.timezone))
        day = format_date(local, "full", locale=self._locale)
        time = format_time(local, "short", locale=self._locale)
        zone = get_timezone_name(local, locale=self._locale)
        self._text(f"{day}, {time}", BOLD, DAY, after=0)
        self._text(f"{zone} ({ticket.timezone})", REGULAR, ZONE, after=6, grey=True)

    def _pair(self, *told: tuple[str, str]) -> None:
        """Draw two labelled values beside each other."""
        top, ends = self._y, []
        for column, (label, value) in enumerate(told):
            self._y, left = top, EDGE + column * (HALF + GUTTER)
            self._text(label, REGULAR, LABEL, after=0, grey=True, left=left, width=HALF)
            self._text(value, BOLD, VALUE, after=6, left=left, width=HALF)
            ends.append(self._y)
        self._y = min(ends)

    def _perforation(self) -> None:
        self._canvas.setStrokeColor(RULE)
        self._canvas.setLineWidth(0.8)
        self._canvas.setDash(3, 3)
        self._canvas.line(EDGE, self._y, WIDTH - EDGE, self._y)
        self._y -= 4

    def _square(self, ticket: PrintedTicket) -> None:
        """Draw the code as large as the rest leaves room, and its number below it."""
        number = letters.fitted(ticket.number, BOLD, INNER, NUMBER)
        room = self._y - FOOT - number.size
        side = min(LARGEST, room)
        bottom = FOOT + number.size + (room - side) / 2
        self._dots(ticket.code, side, (WIDTH - side) / 2, bottom)
        self._canvas.setFillColor(INK)
        self._canvas.setFont(number.font, number.size)
        self._canvas.drawCentredString(WIDTH / 2, bottom - number.size / 2, number.lines[0])

    def _dots(self, code: str, side: float, left: float, bottom: float) -> None:
        """Draw all dots as one shape, so that no screen shows seams between them."""
        count, runs = squares.runs(code)
        dot = side / (count + 2 * squares.MARGIN)
        top, start = bottom + side - squares.MARGIN * dot, left + squares.MARGIN * dot
        shape = self._canvas.beginPath()
        for row, column, length in runs:
            shape.rect(start + column * dot, top - (row + 1) * dot, length * dot, dot)
        self._canvas.setFillColorRGB(0, 0, 0)
        self._canvas.drawPath(shape, stroke=0, fill=1)

    def _text(
        self,
        text: str,
        font: str,
        steps: tuple[Step, ...],
        *,
        after: float,
        grey: bool = False,
        left: float = EDGE,
        width: float = INNER,
    ) -> None:
        """Draw a text as it stands: nothing in it is markup."""
        self._lines(letters.fitted(text, font, width, steps), left, GREY if grey else INK)
        self._y -= after

    def _lines(self, text: Set, left: float, colour: Color) -> None:
        self._canvas.setFillColor(colour)
        self._canvas.setFont(text.font, text.size)
        for line in text.lines:
            self._y -= text.size * LEADING
            self._canvas.drawString(left, self._y + text.size * (LEADING - 1), line)
