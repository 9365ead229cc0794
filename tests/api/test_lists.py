"""What every list of the API has, whatever it lists."""

import pytest

from app.api.openapi import operations
from app.core.config import Settings
from app.domain.roles import Role
from app.main import create_app
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import make_event
from tests.factories.paid import make_paid
from tests.factories.talks import open_talk

APP = create_app(
    Settings(_env_file=None, environment="test", secret_key="a secret of the tests, long")
)
LISTS = {
    operation["operationId"]: (path, {p["name"]: p for p in operation["parameters"]})
    for path, method, operation in operations(APP.openapi())
    if method == "get" and any(p["name"] == "cursor" for p in operation.get("parameters", ()))
}
MORE = {"unread", "summary"}
"""What some tell of all that there is, beside a page of it."""
every_list = pytest.mark.parametrize(
    "path", [path for path, _ in LISTS.values()], ids=list(LISTS), indirect=True
)


@pytest.fixture
async def path(request, connection, client, admin):
    """The path of a list, of something that is there where it is somebody's or something's."""
    if "{provider_id}" in request.param or "{subject_id}" in request.param:
        known = (await make_provider(connection)).id
        return request.param.format(provider_id=known, subject_id=known)
    if "{service_id}" in request.param:
        offering = await make_offering(connection, await make_provider(connection))
        return request.param.format(service_id=offering.id)
    if "{conversation_id}" in request.param:
        talk = await open_talk(client, admin, support=True)
        return request.param.format(conversation_id=talk["id"])
    if "{event_id}" in request.param:
        organizer = await make_user(connection, Role.ORGANIZER)
        event, _ = await make_event(connection, organizer.id, now=NOW)
        return request.param.format(event_id=event.id)
    if "{payment_id}" in request.param:
        paid = await make_paid(connection, await make_provider(connection))
        return request.param.format(payment_id=paid.id)
    if "{booking_id}" not in request.param:
        return request.param
    provider = await make_provider(connection)
    offering, customer = await make_offering(connection, provider), await make_user(connection)
    made = await make_booking(connection, customer.id, offering, provider, starts_at=at(60))
    return request.param.format(booking_id=made.id)


@pytest.fixture
async def admin(connection, adapters):
    return await sign_in(connection, adapters, Role.ADMIN)


@every_list
async def test_a_list_is_items_and_where_to_go_on(http, admin, path):
    answer = await http.get(path, headers=admin)

    assert answer.status_code == 200
    assert answer.json().keys() - MORE == {"items", "next_cursor"}


@every_list
async def test_a_total_is_counted_for_who_asks(http, admin, path):
    answer = (await http.get(f"{path}?include_total=true", headers=admin)).json()

    assert answer["total"] == len(answer["items"])


@every_list
@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "9" * 30])
async def test_a_page_has_its_bounds(http, admin, path, limit):
    answer = await http.get(f"{path}?limit={limit}", headers=admin)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/limit")


@every_list
@pytest.mark.parametrize("cursor", ["nonsense", "", "%C3%BC", "AAAAAAAAAAAAAAAA", "=" * 500])
async def test_a_broken_cursor_is_a_400(http, admin, path, cursor):
    answer = await http.get(f"{path}?cursor={cursor}", headers=admin)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")


@pytest.mark.parametrize(
    ("path", "parameters"), list(LISTS.values()), ids=list(LISTS), indirect=["path"]
)
async def test_a_list_is_sorted_by_whatever_it_says_and_by_nothing_else(
    http, admin, path, parameters
):
    if "sort" not in parameters:
        return
    schema = str(parameters["sort"]["schema"]).rpartition("/")[2].strip("'}] ").partition("'")[0]
    for sort in APP.openapi()["components"]["schemas"][schema]["enum"]:
        answer = await http.get(path, params={"sort": sort}, headers=admin)
        needs_a_search = sort.strip("-") in ("relevance", "distance")
        assert answer.status_code == 200 or needs_a_search, sort
    for sort in ("password", "id;drop table users", "-", "", "starts_at,id"):
        assert (await http.get(path, params={"sort": sort}, headers=admin)).status_code == 422
