"""Keys of programs, as the API shows them to their owner."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.api_keys import ApiKey, ApiKeySort, NewApiKey
from app.domain.permissions import Permission, alphabetical, readable
from app.schemas.accounts import AnId, ATime
from app.schemas.base import Instant, Line, ListQuery, Request

SOME_PREFIX: Final = "bk_5f0c2a9e"
SOME_KEY: Final = f"{SOME_PREFIX}dGhpcyBpcyBub3QgYSBrZXksIGJ1dCBsb29rcyBsaWtlIG9u"
SOME_SCOPES: Final = ["bookings:read", "bookings:write"]


def _named_once(scopes: list[Permission]) -> list[Permission]:
    if len(set(scopes)) < len(scopes):
        raise ValueError("The same scope is named twice.")
    return scopes


class ApiKeyCreate(Request):
    name: Annotated[Line, Field(min_length=1, max_length=100, examples=["Nightly export"])]
    scopes: Annotated[
        list[Permission],
        Field(min_length=1, max_length=len(Permission), examples=[SOME_SCOPES]),
        AfterValidator(_named_once),
    ]
    """What it may do: permissions that you have yourself."""
    expires_at: Instant | None = None
    """Never, unless given."""


class ApiKeyRead(TypedDict):
    id: AnId
    name: Annotated[str, Field(examples=["Nightly export"])]
    prefix: Annotated[
        str, Field(description="How the key begins, to tell it apart.", examples=[SOME_PREFIX])
    ]
    scopes: Annotated[list[Permission], Field(examples=[SOME_SCOPES])]
    last_used_at: Annotated[
        datetime | None,
        Field(description="Exact to a minute.", examples=["2030-02-01T10:00:00Z"]),
    ]
    expires_at: Annotated[datetime | None, Field(examples=["2031-01-31T09:00:00Z"])]
    created_at: ATime


class ApiKeyMade(ApiKeyRead):
    key: Annotated[
        str, Field(description="For X-API-Key. It is not told again.", examples=[SOME_KEY])
    ]


def api_key_read(key: ApiKey) -> ApiKeyRead:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": alphabetical(readable(key.scopes)),
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "created_at": key.created_at,
    }


def api_key_made(made: NewApiKey) -> ApiKeyMade:
    return {**api_key_read(made.key), "key": made.secret}


class ApiKeyQuery(ListQuery):
    sort: ApiKeySort = ApiKeySort.NEWEST

    def page(self) -> PageRequest[ApiKeySort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
