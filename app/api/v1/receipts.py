"""Receipts for what was paid, and credit notes for what was given back."""

from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import BookingReader, IfNoneMatch
from app.api.errors import locale_of, problems
from app.api.queries import MalformedQuery
from app.api.routing import stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.receipts import ReceiptNotFound
from app.schemas.base import Listing, listing
from app.schemas.receipts import PDF, ReceiptQuery, ReceiptRead, receipt_read

router = stem("receipts")
RECEIPT = Answers(receipt_read)
RECEIPTS = Answers(listing(receipt_read))


class Pdf(Response):
    media_type = "application/pdf"


@router.get(
    "",
    response_model=Listing[ReceiptRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ReceiptQuery),
)
async def list_receipts(visitor: BookingReader, request: Request) -> Response:
    """List receipts: one's own, those of one's sales, or, for who looks after the money, all."""
    query = queries.read(request, ReceiptQuery)
    async with visitor.reading() as caller:
        page = await caller.services.receipts.list(
            caller.actor, query.scope, query.wanted(), query.page()
        )
    return RECEIPTS.ok(page)


@router.get(
    "/{receipt_id}",
    response_model=ReceiptRead,
    responses=problems(ReceiptNotFound),
)
async def get_receipt(
    visitor: BookingReader, receipt_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one receipt; it never changes."""
    async with visitor.reading() as caller:
        receipt = await caller.services.receipts.get(caller.actor, receipt_id)
    return RECEIPT.ok_or_unchanged(receipt, if_none_match)


@router.get(
    "/{receipt_id}/pdf",
    response_class=Pdf,
    response_model=None,
    responses={200: PDF, **problems(ReceiptNotFound)},
)
async def get_receipt_pdf(visitor: BookingReader, receipt_id: UUID, request: Request) -> Response:
    """Return a receipt to print, in the reader's language."""
    async with visitor.reading() as caller:
        receipt = await caller.services.receipts.get(caller.actor, receipt_id)
    content = await caller.services.receipts.printed(receipt, locale_of(request.scope))
    disposition = f'inline; filename="receipt-{receipt.shown_number}.pdf"'
    headers = {"Cache-Control": "private, no-cache", "Content-Disposition": disposition}
    return Pdf(content, headers=headers)
