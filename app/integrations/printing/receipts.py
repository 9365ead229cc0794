"""A receipt on A4: who issued what to whom, line by line, and the sum."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from app.core.i18n import Locale, translate
from app.core.money import Money
from app.domain.payments import PaymentMethod
from app.domain.receipts import Receipt, ReceiptContent, ReceiptKind, ReceiptLine, shown
from app.domain.ticket_codes import short
from app.integrations.printing import letters
from app.integrations.printing.letters import BOLD, REGULAR, Step

WIDTH, HEIGHT = A4
NOBODY: Final = "\N{EN DASH}"
EDGE: Final = 56.0
INNER: Final = WIDTH - 2 * EDGE
FOOT: Final = 72.0  # where a page ends for lines
LEADING: Final = 1.3  # from line to line, in sizes
QUANTITY, PRICE, SUM = EDGE + 300, EDGE + 390, WIDTH - EDGE  # where these columns end
NAME_WIDTH: Final = 260.0
FIGURE_WIDTH: Final = 86.0
TOTAL_WIDTH: Final = 210.0
INK, GREY, RULE = HexColor("#14213d"), HexColor("#5c677d"), HexColor("#adb5bd")

HEAD: Final = (Step(20, 1), Step(16, 2))
LABEL: Final = (Step(8, 1),)
VALUE: Final = (Step(11, 1), Step(9.5, 2), Step(8, 4))
ROW: Final = (Step(10, 2), Step(8.5, 4), Step(7, 6))
FIGURE: Final = (Step(10, 1), Step(8, 1), Step(6.5, 1))
TOTAL: Final = (Step(13, 1), Step(10, 1))


class Paper:
    """What is drawn, from the top down; `y` is where the next line begins."""

    def __init__(self, canvas: Canvas, receipt: Receipt, locale: Locale) -> None:
        self._canvas = canvas
        self._receipt = receipt
        self._content: ReceiptContent = receipt.content
        self._locale = locale
        self._y = HEIGHT - EDGE

    def draw(self) -> None:
        self._text(heading(self._receipt, self._locale), BOLD, HEAD, after=4)
        if (about := self._content["receipt_number"]) is not None:
            told = translate("For receipt {number}", self._locale, number=shown(about))
            self._text(told, REGULAR, VALUE, after=4, grey=True)
        self._y -= 10
        for label, value in self._facts():
            self._text(label, REGULAR, LABEL, after=0, grey=True)
            self._text(value, REGULAR, VALUE, after=6)
        self._y -= 10
        self._head()
        for line in self._content["lines"]:
            self._line(line)
        self._total()

    def _facts(self) -> Iterator[tuple[str, str]]:
        content, locale = self._content, self._locale
        zone = ZoneInfo(content["timezone"])
        day = format_date(self._receipt.issued_at.astimezone(zone), "long", locale=locale)
        begins = datetime.fromisoformat(content["starts_at"]).astimezone(zone)
        on = format_date(begins, "long", locale=locale)
        at = format_time(begins, "short", locale=locale)
        yield translate("Issued on", locale), day
        yield translate("Issued by", locale), content["issuer_name"] or NOBODY
        yield translate("Customer", locale), content["customer_name"] or NOBODY
        yield translate("For", locale), f"{content['title']}, {on}, {at}"
        yield translate("Booking", locale), short(self._receipt.booking_id)
        yield translate("Paid by", locale), _methods(locale)[content["method"]]

    def _head(self) -> None:
        locale = self._locale
        self._text(translate("Description", locale), REGULAR, LABEL, after=0, grey=True)
        self._y += 8 * LEADING
        self._right(translate("Quantity", locale), REGULAR, LABEL, QUANTITY, GREY)
        self._right(translate("Price", locale), REGULAR, LABEL, PRICE, GREY)
        self._right(translate("Amount", locale), REGULAR, LABEL, SUM, GREY)
        self._y -= 8 * LEADING
        self._rule()

    def _line(self, line: ReceiptLine) -> None:
        if self._y < FOOT:
            self._canvas.showPage()
            self._y = HEIGHT - EDGE
        top = self._y
        self._text(line["name"], REGULAR, ROW, after=5, width=NAME_WIDTH)
        below, self._y = self._y, top
        self._right(str(line["quantity"]), REGULAR, FIGURE, QUANTITY, INK)
        self._right(self._money(line["unit_price"]), REGULAR, FIGURE, PRICE, INK)
        self._right(self._money(line["amount"]), REGULAR, FIGURE, SUM, INK)
        self._y = below

    def _total(self) -> None:
        self._rule()
        top = self._y
        self._text(translate("Total", self._locale), BOLD, TOTAL, after=0, width=NAME_WIDTH)
        self._y = top
        money = self._money(self._receipt.amount)
        self._right(money, BOLD, TOTAL, SUM, INK, width=TOTAL_WIDTH)

    def _money(self, amount: int) -> str:
        return Money(amount, self._receipt.currency).written(self._locale)

    def _rule(self) -> None:
        self._y -= 4
        self._canvas.setStrokeColor(RULE)
        self._canvas.setLineWidth(0.8)
        self._canvas.line(EDGE, self._y, WIDTH - EDGE, self._y)
        self._y -= 6

    def _right(
        self,
        text: str,
        font: str,
        steps: tuple[Step, ...],
        right: float,
        colour: Color,
        *,
        width: float = FIGURE_WIDTH,
    ) -> None:
        """Draw one line that ends there, and stay where it begins."""
        made = letters.fitted(text, font, width, steps)
        self._canvas.setFillColor(colour)
        self._canvas.setFont(made.font, made.size)
        self._canvas.drawRightString(right, self._y - made.size, made.lines[0])

    def _text(
        self,
        text: str,
        font: str,
        steps: tuple[Step, ...],
        *,
        after: float,
        grey: bool = False,
        width: float = INNER,
    ) -> None:
        """Draw a text as it stands: nothing in it is markup."""
        made = letters.fitted(text, font, width, steps)
        self._canvas.setFillColor(GREY if grey else INK)
        self._canvas.setFont(made.font, made.size)
        for line in made.lines:
            self._canvas.drawString(EDGE, self._y - made.size, line)
            self._y -= made.size * LEADING
        self._y -= after


def heading(receipt: Receipt, locale: Locale) -> str:
    """Return what it is called, with its number."""
    number = receipt.shown_number
    match receipt.kind:
        case ReceiptKind.RECEIPT:
            return translate("Receipt {number}", locale, number=number)
        case ReceiptKind.CREDIT_NOTE:
            return translate("Credit note {number}", locale, number=number)
        case ReceiptKind.REVERSAL:
            return translate("Reversal of a credit note {number}", locale, number=number)


def _methods(locale: Locale) -> Mapping[PaymentMethod, str]:
    card = translate("Card", locale)
    return {
        PaymentMethod.CARD: card,
        PaymentMethod.CREDIT_CARD: card,
        PaymentMethod.FREEDOMPAY: "FreedomPay",
        PaymentMethod.WALLET: translate("Wallet", locale),
        PaymentMethod.CASH: translate("Cash", locale),
    }
