"""Whatever a client says on its socket, it is ended by a code that says why, or goes on.

And the next one finds the server as it was.
"""

import asyncio
from itertools import count

import orjson
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from app.api.realtime import hub, inbound
from app.core.errors import NotFound
from app.domain.realtime import FrameType
from app.schemas.base import Request
from tests.factories.realtime import SOON, closed, frame, numbers

DEEP = "[" * 30_000
NOT_JSON = [
    "",
    "nonsense",
    "{",
    '{"type": "ping"',
    '{"type": "typing", "data": {"n": NaN}}',
    '{"type": "typing", "data": {"n": Infinity}}',
    '{"type": "typing", "data": {"n": 1e999}}',
    '{"type": "ping", "type": "ping"}',
    '{"type": "\\ud800"}',
    '{"type": "a\\u0000"}',
    f'{{"type": "ping", "data": {DEEP}',
    '{"type": "ping", "data": ' + '{"a":' * 200 + "1" + "}" * 200 + "}",
    '{"n": ' + "9" * 5000 + "}",
    "\ufeff{}",
]
NO_FRAME = [
    "1",
    "null",
    "[]",
    "{}",
    '"typing"',
    '{"type": 1}',
    '{"type": null}',
    '{"type": "ping", "data": 1}',
    '{"type": "ping", "data": []}',
    '{"type": "ping", "to": ["everybody"]}',
]


async def still_serves(place, member):
    async with place.socket(member) as there:
        await place.publish(1, member)
        assert (await numbers(there, 1))[-1] == 1


@pytest.mark.parametrize("said", NOT_JSON, ids=lambda said: said[:20])
async def test_what_is_no_json_ends_the_connection(place, ada, said):
    async with place.socket(ada) as there:
        await there.send(said)
        assert await closed(there) == 1007
    await still_serves(place, ada)


@pytest.mark.parametrize("said", NO_FRAME)
async def test_what_is_no_frame_is_told_so_and_the_connection_goes_on(place, ada, said):
    async with place.socket(ada) as there:
        await there.send(said)
        answer = await frame(there)
        await there.send('{"type": "ping"}')
        pong = await frame(there)

    assert (answer["type"], answer["data"]["code"]) == ("error", "validation-failed")
    assert pong == {"id": None, "type": "pong", "data": {}}


@pytest.mark.parametrize("type_", ["message", "booking", "__proto__", "subscribe", "x" * 60_000])
async def test_what_nothing_takes_is_told_so(place, ada, type_):
    async with place.socket(ada) as there:
        await there.send(orjson.dumps({"type": type_}).decode())
        answer = await frame(there)

    assert answer["data"]["code"] == "unknown-frame"


async def test_bytes_are_not_understood(place, ada):
    async with place.socket(ada) as there:
        await there.send(b'{"type": "ping"}')
        assert await closed(there) == 1003


@pytest.mark.parametrize("size", [65_537, 15_000_000])
async def test_what_is_too_long_ends_the_connection(place, ada, size):
    async with place.socket(ada) as there:
        with pytest.raises(ConnectionClosed):
            await there.send("x" * size)
            await there.recv()
        assert there.close_code in (1009, 1006)  # cut while it was still talking
    async with place.socket(ada) as there:
        await there.send("x" * 65_537)
        assert await closed(there) == 1009


async def test_text_that_is_not_unicode_ends_the_connection(place, ada):
    async with place.socket(ada) as there:
        raw(there, Frame(Opcode.TEXT, b"\xff\xfe"))
        assert await closed(there) == 1007
    await still_serves(place, ada)


async def test_who_says_too_much_is_ended(place, ada):
    async with place.socket(ada) as there:
        for _ in range(1000):
            await there.send('{"type": "pong"}')
        assert await closed(there) == 1008


@pytest.mark.parametrize(
    ("count", "codes"),
    [(300, {1008}), (10_000, {1008, 1006})],  # cut while it was still talking
    ids=["some", "many"],
)
async def test_who_only_pings_is_ended(place, ada, count, codes):
    async with place.socket(ada) as there:
        for number in range(count):
            raw(there, Frame(Opcode.PING, b"%d" % number))
        assert await closed(there) in codes
    await still_serves(place, ada)


@pytest.mark.parametrize("part", [b" ", b""])
async def test_who_says_a_frame_byte_by_byte_is_ended(place, ada, part):
    async with place.socket(ada) as there:
        raw(there, Frame(Opcode.TEXT, b'{"type": "ping"', fin=False))
        for _ in range(10_000):
            raw(there, Frame(Opcode.CONT, part, fin=False))
        assert await closed(there) == 1008
    await still_serves(place, ada)


def raw(there, sent):
    """Send what a client of good manners would not; it may be gone by then."""
    if not there.transport.is_closing():
        there.transport.write(sent.serialize(mask=True))


async def test_who_does_not_read_is_ended_and_the_room_goes_on(place, ada, bob, monkeypatch):
    monkeypatch.setattr(hub, "MOST_FRAMES", 20)
    async with place.socket(ada) as slow, place.socket(bob) as quick:
        await place.publish(0, ada, bob)
        last = (await frame(slow))["id"]
        await numbers(quick, 1)
        slow.transport.pause_reading()
        there = next(iter(place.hub._of[ada.id]))
        async with asyncio.timeout(SOON):
            for number in count(1):
                await place.publish(number, ada, bob, text="x" * 40_000)
                assert await numbers(quick, 1) == [number]
                if there.ended.is_set():
                    break
        slow.transport.resume_reading()
        told = []
        with pytest.raises(ConnectionClosed):
            while True:
                told.append(await frame(slow))
        assert slow.close_code == 1013
    async with place.socket(ada, last=told[-1]["id"] if told else last) as again:
        missed = await frame(again)

    got = [one["data"]["n"] for one in told]
    assert got == list(range(1, len(got) + 1)), "what came was in order"
    assert missed["data"]["n"] == len(got) + 1, "and what comes then is the next one"


class Knock(Request):
    door: str


@pytest.fixture
def knocking(monkeypatch):
    monkeypatch.setattr(inbound, "RECEIVERS", dict(inbound.RECEIVERS))
    heard = []

    @inbound.receives("knock", Knock)
    async def knock(actor, said, services):
        if said.door == "nowhere":
            raise NotFound
        heard.append((actor.user_id, said.door))
        await services.realtime.publish(FrameType.MESSAGE, {"n": said.door}, to=[actor.user_id])

    return heard


async def test_what_somebody_takes_is_done_and_what_they_refuse_is_told(place, ada, knocking):
    async with place.socket(ada) as there:
        for door in ('"front"', '"nowhere"', "1"):
            await there.send(f'{{"type": "knock", "data": {{"door": {door}}}}}')
        told = [await frame(there) for _ in range(3)]

    assert knocking == [(ada.id, "front")]
    assert sorted(one["data"].get("code", "") for one in told) == [
        "",
        "not-found",
        "validation-failed",
    ]


async def test_who_has_signed_out_is_not_heard(place, ada, knocking, monkeypatch):
    monkeypatch.setattr(hub.Hub, "cut", lambda *_: None)
    async with place.socket(ada) as there:
        await place.end_session(ada)
        await there.send('{"type": "knock", "data": {"door": "front"}}')
        assert await closed(there) == 1008

    assert knocking == []
