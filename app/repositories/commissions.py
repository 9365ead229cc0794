"""Every statement about the share of one seller that the platform keeps."""

from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.accounts import UserNotFound
from app.domain.commissions import Commission, CommissionFilter, CommissionSort
from app.models import Commissions
from app.repositories.base import Listing, columns, parameters, values

OF_USER: Final = Commissions.user_id == bindparam("user_id", type_=Uuid)
GET: Final = Query(select(*columns(Commissions, Commission)).where(OF_USER), Commission)
GIVEN: Final = insert(Commissions).values(parameters(Commissions, Commission))
PUT: Final = Command(
    GIVEN.on_conflict_do_update(
        index_elements=[Commissions.user_id],
        set_={
            "basis_points": GIVEN.excluded.basis_points,
            "updated_at": GIVEN.excluded.updated_at,
        },
    ),
    violations={"fk_commissions_user_id_users": UserNotFound},
)
DELETE: Final = Command(delete(Commissions).where(OF_USER))
MATCHING: Final = Listing(
    Commissions,
    Commission,
    filters={"user_id": OF_USER},
    sorts={"updated_at": Commissions.updated_at},
    unique=Commissions.user_id.expression,
)


class CommissionRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, user_id: UUID) -> Commission | None:
        return await self.connection.first(GET, user_id=user_id)

    async def of(self, user_id: UUID) -> int | None:
        """Return the basis points agreed with one seller, None where none were."""
        found = await self.get(user_id)
        return None if found is None else found.basis_points

    async def put(self, commission: Commission) -> None:
        """Keep what was agreed, in place of what was; refuse with UserNotFound."""
        await self.connection.run(PUT, **values(commission))

    async def remove(self, user_id: UUID) -> bool:
        return await self.connection.run(DELETE, user_id=user_id) > 0

    async def matching(
        self, wanted: CommissionFilter, request: PageRequest[CommissionSort]
    ) -> Page[Commission]:
        return await MATCHING.page(self.connection, wanted, request)
