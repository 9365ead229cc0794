"""Every statement about receipts."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.receipts import Names, Receipt, ReceiptFilter, ReceiptKind, ReceiptSort
from app.models import Providers, ReceiptCounters, Receipts, Users
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(Receipts, Receipt)
ISSUER: Final = bindparam("issuer_id", type_=Uuid)

# Makes the row where there is none, and locks it either way: the number is given out after.
COUNTING: Final = insert(ReceiptCounters).values(issuer_id=ISSUER)
LOCK: Final = Query(
    COUNTING.on_conflict_do_update(
        index_elements=[ReceiptCounters.issuer_id], set_={"last": ReceiptCounters.last}
    ).returning(ReceiptCounters.last),
    int,
)
COUNT: Final = Command(
    update(ReceiptCounters)
    .where(ReceiptCounters.issuer_id == ISSUER)
    .values(last=bindparam("last", type_=BigInteger))
)
ADD: Final = Command(insert(Receipts).values(parameters(Receipts, Receipt)).inline())
BY_ID: Final = Query(select(*COLUMNS).where(Receipts.id == bindparam("id", type_=Uuid)), Receipt)
OF_CAUSE: Final = Query(
    select(*COLUMNS).where(
        Receipts.payment_id == bindparam("payment_id", type_=Uuid),
        Receipts.kind == bindparam("kind", type_=Receipts.kind.type),
        Receipts.refund_id.is_not_distinct_from(bindparam("refund_id", type_=Uuid)),
    ),
    Receipt,
)
PAGE_OF: Final = (
    select(Providers.name)
    .where(Providers.id == bindparam("provider_id", type_=Uuid))
    .scalar_subquery()
)
NAME_OF: Final = (
    select(Users.full_name).where(Users.id == bindparam("issuer_id", type_=Uuid)).scalar_subquery()
)
NAMES: Final = Query(
    select(
        func.coalesce(PAGE_OF, NAME_OF),
        select(Users.full_name)
        .where(Users.id == bindparam("customer_id", type_=Uuid))
        .scalar_subquery(),
    ),
    Names,
)
MATCHING: Final = Listing(
    Receipts,
    Receipt,
    filters={
        "customer_id": Receipts.customer_id == bindparam("customer_id"),
        "issuer_id": Receipts.issuer_id == bindparam("issuer_id"),
        "payment_id": Receipts.payment_id == bindparam("payment_id"),
        "kind": Receipts.kind == bindparam("kind"),
    },
    sorts={"issued_at": Receipts.issued_at},
)


class ReceiptRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock(self, issuer_id: UUID) -> int:
        """Return an issuer's last number; nobody else numbers theirs until the transaction ends."""
        last = await self.connection.first(LOCK, issuer_id=issuer_id)
        assert last is not None  # made, if there was none
        return last

    async def add(self, receipt: Receipt, *, last: int) -> Receipt:
        """Give it the next number and keep it; `last` is what `lock` returned."""
        numbered = replace(receipt, number=last + 1)
        await self.connection.run(ADD, **values(numbered))
        await self.connection.run(COUNT, issuer_id=receipt.issuer_id, last=numbered.number)
        return numbered

    async def get(self, receipt_id: UUID) -> Receipt | None:
        return await self.connection.first(BY_ID, id=receipt_id)

    async def of(
        self, payment_id: UUID, kind: ReceiptKind, refund_id: UUID | None = None
    ) -> Receipt | None:
        """Return what was issued for a payment, or for one of its refunds."""
        return await self.connection.first(
            OF_CAUSE, payment_id=payment_id, kind=kind, refund_id=refund_id
        )

    async def names(self, issuer_id: UUID, *, provider_id: UUID | None, customer_id: UUID) -> Names:
        """Return what both are called now; a provider by the name on their page."""
        found = await self.connection.first(
            NAMES, issuer_id=issuer_id, provider_id=provider_id, customer_id=customer_id
        )
        assert found is not None  # a row, whatever is in it
        return found

    async def matching(
        self, wanted: ReceiptFilter, request: PageRequest[ReceiptSort]
    ) -> Page[Receipt]:
        return await MATCHING.page(self.connection, wanted, request)
