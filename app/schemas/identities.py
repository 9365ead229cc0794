"""Accounts elsewhere, as the API shows them to the owner of the account they open."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.identities import Identity, IdentitySort
from app.schemas.accounts import ATime
from app.schemas.base import ListQuery


class IdentityRead(TypedDict):
    """An account elsewhere that opens the account here."""

    provider: Annotated[
        str, Field(description="`google`, or a name of OIDC_PROVIDERS.", examples=["google"])
    ]
    email: Annotated[
        str | None,
        Field(
            description="As the provider had verified it when the account was linked.",
            examples=["ada@example.com"],
        ),
    ]
    created_at: ATime
    last_used_at: Annotated[
        datetime,
        Field(description="When somebody last signed in by it.", examples=["2030-02-01T10:00:00Z"]),
    ]


def identity_read(identity: Identity) -> IdentityRead:
    return {
        "provider": identity.provider,
        "email": identity.email,
        "created_at": identity.created_at,
        "last_used_at": identity.last_used_at,
    }


class IdentityQuery(ListQuery):
    sort: IdentitySort = IdentitySort.NEWEST

    def page(self) -> PageRequest[IdentitySort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
