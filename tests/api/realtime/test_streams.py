"""The same, as Server-Sent Events: through all of the middleware, and nothing held back in it."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest

from app.api.realtime import streams
from tests.factories.realtime import SOON, TYPING, frame


@asynccontextmanager
async def stream(place, member=None, *, ticket=None, last=None, method="GET"):
    headers = {} if member is None else dict(member.headers)
    if last is not None:
        headers["Last-Event-ID"] = last
    asked = {} if ticket is None else {"ticket": ticket}
    async with (
        httpx.AsyncClient(timeout=SOON) as client,
        client.stream(
            method, f"{place.base}/realtime/events", headers=headers, params=asked
        ) as response,
    ):
        yield response


async def told(lines, count):
    """Return so many events, each by its fields; comments are left out."""
    found, fields = [], {}
    while len(found) < count:
        async with asyncio.timeout(SOON):
            line = await anext(lines)
        if line.startswith(":") or not line:
            if "data" in fields:
                found.append(fields)
            fields = {}
        else:
            name, _, value = line.partition(": ")
            fields[name] = value
    return found


async def test_a_stream_tells_what_the_socket_does_and_resumes_where_it_ended(place, ada):
    async with stream(place, ada) as response, place.socket(ada) as there:
        lines = response.aiter_lines()
        await place.publish(1, ada)
        await place.publish(2, ada, type_=TYPING)
        await place.publish(3, ada)
        events, socket = await told(lines, 3), [await frame(there) for _ in range(3)]
    for number in (4, 5):
        await place.publish(number, ada)
    last = next(event["id"] for event in events if event["data"].endswith('{"n":1}}'))
    async with stream(place, ada, last=last) as again:
        resumed = await told(again.aiter_lines(), 3)

    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert sorted(event["event"] for event in events) == ["message", "message", "typing"]
    assert "id" not in next(event for event in events if event["event"] == "typing")
    assert {event["id"] for event in events if "id" in event} == {
        one["id"] for one in socket if one["id"]
    }
    assert [event["data"][-8:] for event in resumed] == ['{"n":3}}', '{"n":4}}', '{"n":5}}']


async def test_a_ticket_opens_a_stream_once(place, ada):
    ticket = await place.ticket(ada)
    async with stream(place, ticket=ticket) as first, stream(place, ticket=ticket) as second:
        assert (first.status_code, second.status_code) == (200, 401)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nobody"}, {"X-API-Key": "a"}])
async def test_who_is_nobody_or_a_key_gets_no_stream(place, headers):
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{place.base}/realtime/events", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_silent_stream_beats(place, ada, monkeypatch):
    monkeypatch.setattr(streams, "BEATS", 0.01)
    async with stream(place, ada) as response, asyncio.timeout(SOON):
        beats = [line async for line in _first(response.aiter_lines(), 6)]

    assert beats.count(":") >= 2


async def _first(lines, count):
    for _ in range(count):
        yield await anext(lines)


async def test_a_head_is_answered_and_ends(place, ada):
    async with stream(place, ada, method="HEAD") as response:
        assert response.status_code == 200
        assert await response.aread() == b""


async def test_a_stream_ends_with_its_session(place, ada):
    async with stream(place, ada) as response:
        await place.end_session(ada)
        async with asyncio.timeout(SOON):
            assert "retry" in "".join([line async for line in response.aiter_lines()])


async def test_a_server_that_stops_ends_its_streams(place, ada):
    """It would wait for them until its patience is over, twice as long as we do."""
    async with stream(place, ada) as response:
        lines = response.aiter_lines()
        await place.publish(1, ada)
        await told(lines, 1)
        place.server.should_exit = True
        async with asyncio.timeout(5):
            assert [line async for line in lines if line and not line.startswith(":")] == []
