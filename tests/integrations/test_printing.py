"""What is printed can be read again, by people and by scanners."""

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from pypdf import PdfReader
from pypdf.generic import ContentStream

from app.core.errors import Busy
from app.core.i18n import Locale
from app.core.money import Money
from app.domain.printing import LARGEST_QR, MOST_PAGES, SMALLEST_QR, PrintedTicket, TooManyPages
from app.domain.receipts import Receipt, ReceiptKind
from app.domain.ticket_codes import TicketCode, TicketSigner
from app.integrations.printing import letters, squares
from app.integrations.printing.letters import BOLD, REGULAR, UNKNOWN, Step, drawable, fitted
from app.integrations.printing.page import HEIGHT, INNER, WIDTH
from app.integrations.printing.reportlab import MOST_WAITING, ReportlabPrinting

SOME = UUID("0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e")
CODE = TicketSigner("a secret key of thirty-two bytes").write(TicketCode(SOME, SOME, 3))
TICKET = PrintedTicket(
    title="Вечер поэзии: «Серебряный век»",
    starts_at=datetime(2030, 7, 4, 18, 30, tzinfo=UTC),
    timezone="Asia/Almaty",
    location="Алматы, проспект Абая 43, Дом культуры «Қазақстан»",
    attendee="Әлия Өмірбекқызы",
    ticket_type="Льготный",
    price=Money(450000, "KZT"),
    reference="BOOK-ING1",
    number="3JD0-PBAE",
    code=CODE,
)
# All that schemas let through, in letters that are wide.
LONGEST = replace(
    TICKET,
    title="Щ" * 150,
    timezone="America/Argentina/Buenos_Aires",
    location="Ш" * 300,
    attendee="Ю" * 150,
    ticket_type="Ж" * 100,
    price=Money(10**12, "UAH"),
)
CYRILLIC = "".join(map(chr, range(0x410, 0x450))) + "ЁёІіЇїЄєҐґ"
KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
LATIN = "ÄÖÜäöüẞßÀÉÎÕÇŁłŠšŽžĞğŞşİı"
SIGNS = "€₴₸₽£$¥₺₼₾₪№–—„“”«»…'’\u00a0\u202f"
BUSY_SECONDS = 10


@pytest.fixture
def printing():
    printing = ReportlabPrinting()
    yield printing
    printing.close()


def pages(document: bytes) -> list[str]:
    """Return the words of each page, with one space between them."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(document)).pages]


def dots(document: bytes, page: int = 0) -> list[tuple[float, float, float, float]]:
    """Return the rectangles of which the code of a page is made."""
    reader = PdfReader(BytesIO(document))
    drawn = ContentStream(reader.pages[page].get_contents(), reader).operations
    rectangles = [tuple(map(float, told)) for told, operator in drawn if operator == b"re"]
    return [(x, y, wide, high) for x, y, wide, high in rectangles if wide < WIDTH]


def scanned(image: Image.Image) -> str:
    [found] = zxingcpp.read_barcodes(image)
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return found.text


def photographed(document: bytes, *, scale: int = 6) -> Image.Image:
    """Return what a camera sees of the code of the first page."""
    image = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), 255)
    paint = ImageDraw.Draw(image)
    for x, y, wide, high in dots(document):
        top = HEIGHT - y - high
        corners = (x, top, x + wide, top + high)
        paint.rectangle([round(corner * scale) for corner in corners], fill=0)
    return image


async def test_a_ticket_tells_what_when_where_and_who(printing):
    [page] = pages(await printing.tickets([TICKET], Locale.RU))

    assert "Вечер поэзии: «Серебряный век»" in page
    assert "четверг, 4 июля 2030 г., 23:30" in page  # 18:30 in UTC
    assert "(Asia/Almaty)" in page
    assert "Дом культуры «Қазақстан»" in page
    assert "Участник" in page
    assert "Әлия Өмірбекқызы" in page
    assert "Льготный" in page
    assert "4 500,00 KZT" in page
    assert "BOOK-ING1" in page
    assert "3JD0-PBAE" in page


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (Locale.EN, "Thursday, July 4, 2030, 8:30 PM Central European Summer Time (Europe/Berlin)"),
        (Locale.RU, "четверг, 4 июля 2030 г., 20:30 Центральная Европа, летнее время"),
        (Locale.UK, "четвер, 4 липня 2030 р., 20:30 за центральноєвропейським літнім часом"),
    ],
)
async def test_the_time_is_the_venues_in_the_language_of_the_reader(printing, locale, said):
    [page] = pages(await printing.tickets([replace(TICKET, timezone="Europe/Berlin")], locale))

    assert said in page


async def test_the_evening_before_is_another_day_where_the_venue_is(printing):
    late = replace(TICKET, starts_at=datetime(2030, 7, 4, 19, 30, tzinfo=UTC))

    [page] = pages(await printing.tickets([late], Locale.EN))

    assert "Friday, July 5, 2030, 12:30 AM" in page


@pytest.mark.parametrize("ticket", [TICKET, LONGEST], ids=["usual", "longest"])
async def test_the_code_of_a_page_is_scanned(printing, ticket):
    document = await printing.tickets([ticket], Locale.UK)

    assert scanned(photographed(document)) == CODE


async def test_each_ticket_has_a_page_of_its_own(printing):
    tickets = [replace(TICKET, number=f"NUMB-{n:04}") for n in range(3)]

    found = pages(await printing.tickets(tickets, Locale.EN))

    assert [next(word for word in page.split() if "NUMB" in word) for page in found] == [
        "NUMB-0000",
        "NUMB-0001",
        "NUMB-0002",
    ]


async def test_what_is_longest_stays_on_the_page_and_leaves_the_code_room(printing):
    document = await printing.tickets([LONGEST], Locale.UK)

    placed = []
    PdfReader(BytesIO(document)).pages[0].extract_text(
        visitor_text=lambda text, _, matrix, *__: placed.append((matrix[4], matrix[5], text))
    )
    code = dots(document)
    top = max(y + high for _, y, _, high in code)
    number = next(y for _, y, text in placed if LONGEST.number in text)
    lines = [y for _, y, text in placed if text.strip() and LONGEST.number not in text]
    assert min(lines) > top
    assert number > 10
    assert number + 8 < min(y for _, y, _, _ in code)
    assert top - min(y for _, y, _, _ in code) > 120  # 42 mm


@pytest.mark.parametrize("font", [REGULAR, BOLD])
@pytest.mark.parametrize("text", [CYRILLIC, KAZAKH, LATIN, SIGNS], ids=["ru uk", "kk", "de", "€"])
async def test_the_fonts_have_the_letters_that_people_here_write(printing, font, text):
    assert drawable(text, font) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("東京 Night", f"{UNKNOWN * 2} Night"),
        ("مرحبا", UNKNOWN * 5),
        ("🎉 Party", f"{UNKNOWN} Party"),
        ("👩\u200d👩\u200d👧\ufe0f", UNKNOWN * 3),
        ("a\nb\tc\0d", "a b c d"),
        ("e\u0301", "é"),
        ("\u202edaed", "daed"),
        ("\ud800", UNKNOWN),
    ],
)
async def test_what_has_no_letter_here_is_seen_to_be_missing(printing, text, shown):
    assert drawable(text, BOLD) == shown
    assert UNKNOWN in pages(await printing.tickets([replace(TICKET, title="東")], Locale.EN))[0]


@pytest.mark.parametrize(
    "text", ["<b>Bold</b> & <img src='file:///etc/passwd'/>", "&#65;", "{x} %s"]
)
async def test_nothing_in_a_text_is_markup(printing, text):
    ticket = replace(TICKET, title=text, location=text, attendee=text)

    [page] = pages(await printing.tickets([ticket], Locale.EN))

    assert page.count(text) == 3


@pytest.mark.parametrize("empty", [{"location": None, "attendee": None}, {"title": ""}])
async def test_what_is_not_known_is_left_out(printing, empty):
    [page] = pages(await printing.tickets([replace(TICKET, **empty)], Locale.EN))

    assert "3JD0-PBAE" in page
    assert "None" not in page


@pytest.mark.parametrize("text", ["Wort " * 40, "W" * 150, "a " + "Щ" * 100 + " b", "", " "])
def test_no_line_is_wider_than_it_may_be(text):
    steps = (Step(17, 2), Step(10, 4))

    laid = fitted(text, BOLD, INNER, steps)

    assert len(laid.lines) <= dict(steps)[laid.size]
    assert all(letters.across(line, BOLD, laid.size) <= INNER for line in laid.lines)


def test_a_text_is_cut_only_where_its_smallest_size_is_too_large():
    steps = (Step(17, 1), Step(10, 1))

    assert fitted("Short", BOLD, INNER, steps).size == 17
    longer = "A title that is quite a bit longer"
    assert fitted(longer, BOLD, INNER, steps)[1:] == (10, [longer])
    [cut] = fitted("A title that goes on for ever " * 3, BOLD, INNER, steps).lines
    assert cut.startswith("A title that goes on for ever")
    assert cut.endswith("…")


async def test_the_same_tickets_make_the_same_bytes(printing):
    again = ReportlabPrinting()

    one, other = await asyncio.gather(
        printing.tickets([TICKET], Locale.RU), again.tickets([TICKET], Locale.RU)
    )

    again.close()
    assert one == other


async def test_a_document_is_of_a_hundred_pages_at_the_most(printing):
    with pytest.raises(TooManyPages):
        await printing.tickets([TICKET] * (MOST_PAGES + 1), Locale.EN)

    with pytest.raises(ValueError, match="page"):
        await printing.tickets([], Locale.EN)


@pytest.mark.parametrize("size", [SMALLEST_QR, 333, LARGEST_QR])
async def test_a_square_is_scanned_at_any_size(printing, size):
    image = Image.open(BytesIO(await printing.qr_png(CODE, size=size)))

    assert size - 57 < image.width == image.height <= size
    assert scanned(image.convert("L")) == CODE


async def test_a_drawn_square_is_of_the_size_asked_for_and_the_same(printing):
    drawn = ElementTree.fromstring(await printing.qr_svg(CODE, size=333))

    assert float(drawn.attrib["width"]) == float(drawn.attrib["height"]) == 333
    light, dark = drawn.iter("{http://www.w3.org/2000/svg}path")
    assert light.attrib["fill"] == "#fff"
    count, runs = squares.runs(CODE)
    assert dark.attrib["d"].count("h") == len(list(runs))
    assert count == 49


@pytest.mark.parametrize("size", [SMALLEST_QR - 1, LARGEST_QR + 1])
async def test_no_square_is_made_of_another_size(printing, size):
    for make in (printing.qr_png, printing.qr_svg):
        with pytest.raises(ValueError, match="wide"):
            await make(CODE, size=size)


async def test_who_comes_when_too_many_wait_is_told_so(printing):
    let = threading.Event()
    held = [
        asyncio.ensure_future(printing._run(lambda: bytes(let.wait(BUSY_SECONDS))))
        for _ in range(MOST_WAITING)
    ]
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await printing.qr_png(CODE, size=200)

    let.set()
    await asyncio.gather(*held)
    assert await printing.qr_png(CODE, size=200)


async def test_the_event_loop_goes_on_meanwhile(printing):
    printed = asyncio.ensure_future(printing.tickets([TICKET] * 20, Locale.EN))
    turns = 0
    while not printed.done():
        await asyncio.sleep(0)
        turns += 1

    assert turns > 5


RECEIPT = Receipt(
    id=SOME,
    kind=ReceiptKind.RECEIPT,
    issuer_id=SOME,
    number=42,
    customer_id=SOME,
    payment_id=SOME,
    refund_id=None,
    booking_id=SOME,
    amount=900000,
    currency="KZT",
    content={
        "issuer_name": "Салон «Ақ бұлақ»",
        "customer_name": "Әлия Өмірбекқызы",
        "title": "Вечер поэзии",
        "starts_at": "2030-07-04T18:30:00+00:00",
        "timezone": "Asia/Almaty",
        "method": "cash",
        "lines": [
            {"name": "Льготный", "quantity": 2, "unit_price": 450000, "amount": 900000},
        ],
        "receipt_number": None,
    },
    issued_at=datetime(2030, 7, 1, 20, 0, tzinfo=UTC),
)


async def test_a_receipt_tells_who_sold_what_to_whom_and_for_how_much(printing):
    [page] = pages(await printing.receipt(RECEIPT, Locale.RU))

    assert "Квитанция 000042" in page
    assert "2 июля 2030 г." in page  # the day it is at the place: 20:00 in UTC
    assert "Салон «Ақ бұлақ»" in page
    assert "Әлия Өмірбекқызы" in page
    assert "Вечер поэзии, 4 июля 2030 г., 23:30" in page
    assert "Наличные" in page
    assert "Льготный 2 4 500,00 ₸ 9 000,00 ₸" in page.replace("KZT", "₸")
    assert "Итого 9 000,00 ₸" in page.replace("KZT", "₸")


async def test_the_same_receipt_makes_the_same_bytes(printing):
    first, second = [await printing.receipt(RECEIPT, Locale.EN) for _ in range(2)]

    assert first == second


async def test_a_receipt_of_many_lines_has_some_pages_and_loses_none(printing):
    names = [f"Щ{place:03d} " + "Щ" * 96 for place in range(60)]
    some = [{"name": name, "quantity": 1, "unit_price": 10**12, "amount": 1} for name in names]
    longest = {
        "issuer_name": "Ш" * 150,
        "customer_name": None,
        "title": "Щ" * 150,
        "lines": some,
    }
    receipt = replace(RECEIPT, content=RECEIPT.content | longest, currency="UAH", amount=10**12)

    found = pages(await printing.receipt(receipt, Locale.UK))

    assert len(found) > 1
    whole = " ".join(found)
    assert all(f"Щ{place:03d}" in whole for place in range(60))
    assert "Разом" in found[-1]
    assert "\N{REPLACEMENT CHARACTER}" not in whole
