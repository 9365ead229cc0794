"""Every statement about what banks took back of payments."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Uuid, and_, any_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.disputes import (
    UNDECIDED,
    Dispute,
    DisputeFilter,
    DisputeSort,
    DisputeState,
)
from app.domain.roles import Role
from app.domain.users import User, UserStatus
from app.models import Disputes, Users
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(Disputes, Dispute)
CHANGING: Final = ("state", "reason", "withdrawn_at", "reinstated_at", "borne_amount", "updated_at")
ID: Final = bindparam("id", type_=Uuid)

ADD: Final = Command(insert(Disputes).values(parameters(Disputes, Dispute)).inline())
BY_ID: Final = Query(select(*COLUMNS).where(Disputes.id == ID), Dispute)
LOCKED: Final = Query(
    select(*COLUMNS)
    .where(
        Disputes.payment_id == bindparam("payment_id", type_=Uuid),
        Disputes.reference == bindparam("reference"),
    )
    .with_for_update(),
    Dispute,
)
CHANGE: Final = Command(
    update(Disputes)
    .where(Disputes.id == ID)
    .values({name: bindparam(name, type_=Disputes.__table__.c[name].type) for name in CHANGING})
)
# One that was won, and whose money did not come back yet, is waited for, too.
IS_WAITED_FOR: Final = or_(
    *(Disputes.state == state for state in UNDECIDED),
    and_(
        Disputes.state == DisputeState.WON,
        Disputes.withdrawn_at.is_not(None),
        Disputes.reinstated_at.is_(None),
    ),
)
SOME: Final = (
    select(Disputes.id)
    .where(IS_WAITED_FOR, Disputes.updated_at <= bindparam("before", type_=DateTime(timezone=True)))
    .order_by(Disputes.updated_at)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True)
    .cte("some")
)
CLAIMED: Final = (
    update(Disputes)
    .where(Disputes.id == SOME.c.id)
    .values(updated_at=bindparam("now", type_=DateTime(timezone=True)))
    .returning(Disputes.payment_id)
    .cte("claimed")
)
STALE: Final = Query(select(CLAIMED.c.payment_id), lambda id_: id_)
READERS: Final = Query(
    select(*columns(Users, User))
    .where(
        Users.status == UserStatus.ACTIVE,
        bindparam("role", type_=Users.roles.type.item_type) == any_(Users.roles),
    )
    .order_by(Users.id),
    User,
)
MATCHING: Final = Listing(
    Disputes,
    Dispute,
    filters={
        "payment_id": Disputes.payment_id == bindparam("payment_id"),
        "state": Disputes.state == bindparam("state"),
    },
    sorts={"created_at": Disputes.created_at},
)


class DisputeRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, dispute: Dispute) -> None:
        await self.connection.run(ADD, **values(dispute))

    async def get(self, dispute_id: UUID) -> Dispute | None:
        return await self.connection.first(BY_ID, id=dispute_id)

    async def lock(self, payment_id: UUID, reference: str) -> Dispute | None:
        """Return it locked; its payment must be locked before."""
        return await self.connection.first(LOCKED, payment_id=payment_id, reference=reference)

    async def change(self, dispute: Dispute) -> None:
        written = {name: getattr(dispute, name) for name in CHANGING}
        await self.connection.run(CHANGE, id=dispute.id, **written)

    async def stale(self, *, before: datetime, most: int, now: datetime) -> list[UUID]:
        """Return payments whose disputes were not heard of since `before`, and not again."""
        return await self.connection.all(STALE, before=before, most=most, now=now)

    async def readers(self) -> list[User]:
        """Return who is written to: the accountants, and where there are none the admins."""
        for role in (Role.ACCOUNTANT, Role.ADMIN, Role.SUPER_ADMIN):
            if found := await self.connection.all(READERS, role=role.value):
                return found
        return []

    async def matching(
        self, wanted: DisputeFilter, request: PageRequest[DisputeSort]
    ) -> Page[Dispute]:
        return await MATCHING.page(self.connection, wanted, request)
