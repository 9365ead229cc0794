"""What is called directly gets, and refuses, the same as FastAPI would give and refuse."""

from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from app.api import errors
from app.api.routing import StrictRoute, _is_common
from app.core.errors import Unauthenticated

ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
Many = Annotated[list[str], Header(alias="X-Many")]
Count = Annotated[int, Header(alias="X-Count", ge=1)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=r"^[!-~]{1,8}$")]
Must = Annotated[str, Header(alias="X-Must", max_length=3)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=5)]
    count: int = 1


async def who(request: Request) -> str:
    if "x-nobody" in request.headers:
        raise Unauthenticated
    return request.headers.get("x-who", "somebody")


Who = Annotated[str, Depends(who)]


async def everything(
    who: Who, item_id: UUID, body: Body, must: Must, key: Key = None, count: Count = 7
) -> Response:
    return Response(repr((who, item_id, body, must, key, count)))


async def listed(item_id: UUID, many: Many) -> Response:
    return Response(repr((item_id, many)))


async def optional(who: Who, request: Request, body: Body | None = None) -> Response:
    return Response(repr((who, request.url.path, body)))


async def asks_the_query(wanted: Annotated[int, Query()]) -> Response:
    return Response(repr(wanted))


async def makes_a_dict() -> dict[str, str]:
    return {}


async def takes_either_name(
    one: Annotated[str, Header(validation_alias=AliasChoices("X-One", "X-Other"))],
) -> Response:
    return Response(one)


async def nested(who: Who) -> str:
    return who


async def asks_deeper(who: Annotated[str, Depends(nested)]) -> Response:
    return Response(who)


def is_common(endpoint: Any, path: str = "/") -> bool:
    return _is_common(APIRoute(path, endpoint, methods=["POST"]).dependant)


async def answer(kind: type[APIRoute], path: str, endpoint: Any, given: Any) -> tuple[int, Any]:
    app = FastAPI()
    errors.install(app)
    app.router.routes.append(kind(path, endpoint, methods=["POST"]))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.post(**given)
    return response.status_code, response.text


GOOD = {"name": "abc", "count": 2}
MUST = {"X-Must": "yes"}
REQUESTS = {
    "good": {"json": GOOD, "headers": MUST},
    "named": {"json": GOOD, "headers": MUST | {"X-Who": "ada", "Idempotency-Key": "k-1"}},
    "default": {"json": {"name": "abc"}, "headers": MUST},
    "header-missing": {"json": GOOD},
    "header-too-long": {"json": GOOD, "headers": {"X-Must": "four"}},
    "header-broken": {"json": GOOD, "headers": MUST | {"Idempotency-Key": "a b"}},
    "counted": {"json": GOOD, "headers": MUST | {"X-Count": "3"}},
    "miscounted": {"json": GOOD, "headers": MUST | {"X-Count": "0"}},
    "many": {"json": GOOD, "headers": [*MUST.items(), ("X-Many", "a"), ("X-Many", "b")]},
    "unknown-field": {"json": GOOD | {"more": 1}, "headers": MUST},
    "field-missing": {"json": {}, "headers": MUST},
    "field-too-long": {"json": {"name": "abcdef"}, "headers": MUST},
    "not-an-object": {"json": [1], "headers": MUST},
    "null": {"content": "null", "headers": MUST | {"Content-Type": "application/json"}},
    "no-body": {"headers": MUST},
    "all-wrong": {"json": {"count": "x"}, "headers": {"Idempotency-Key": "a b"}},
    "nobody": {"json": {}, "headers": {"X-Nobody": "1"}},
}


@pytest.mark.parametrize("given", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("item_id", [ID, "f" * 36])
@pytest.mark.parametrize("endpoint", [everything, listed])
async def test_it_reads_path_headers_and_body_as_fastapi_does(endpoint, given, item_id):
    request = {"url": f"/items/{item_id}", **given}
    assert is_common(endpoint, "/items/{item_id}")

    ours = await answer(StrictRoute, "/items/{item_id}", endpoint, request)

    assert ours == await answer(APIRoute, "/items/{item_id}", endpoint, request)


@pytest.mark.parametrize("given", REQUESTS.values(), ids=REQUESTS)
async def test_a_body_that_may_be_left_out_is_read_as_fastapi_does(given):
    request = {"url": "/items", **given}
    assert is_common(optional)

    ours = await answer(StrictRoute, "/items", optional, request)

    assert ours == await answer(APIRoute, "/items", optional, request)


@pytest.mark.parametrize("endpoint", [asks_the_query, makes_a_dict, asks_deeper, takes_either_name])
def test_what_asks_for_more_is_left_to_fastapi(endpoint):
    assert not is_common(endpoint)
