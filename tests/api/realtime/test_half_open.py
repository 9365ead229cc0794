"""Who does not answer is not there: a line of which one end is gone is ended by the other."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.cli import protocols
from app.cli.serve import configured
from tests.factories.realtime import SOON, numbers, serving

SOONER = 0.3


async def nobody(place, member, *, within=SOON):
    """Return once the hub tells them no more."""
    async with asyncio.timeout(within):
        while place.hub._of.get(member.id):
            await place.ticket(member)


@pytest.fixture
def asked(settings):
    return configured("app:none", settings)


def test_clients_are_asked_every_twenty_seconds(asked):
    assert (asked.ws_ping_interval, asked.ws_ping_timeout) == (20, 20)


async def test_who_answers_stays(adapters, real_database):
    async with serving(adapters, real_database, pings=0.1) as place:
        ada, bob = await place.member(), await place.member()
        async with place.socket(ada) as hers, place.socket(bob) as his:
            his.transport.pause_reading()
            await nobody(place, bob)
            await place.publish(1, ada)
            assert await numbers(hers, 1) == [1]
            his.transport.abort()


@asynccontextmanager
async def gone(place, member, *, waiting):
    """A client that is gone, and of what was sent to it so many frames wait to be read."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", place.port))
    async with place.socket(member, sock=line) as there:
        there.transport.pause_reading()
        (kept,) = place.hub._of[member.id]
        server = kept.write.__self__.transport
        server.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        for number in range(waiting):
            await place.publish(number, member, text="x" * 40_000)
        yield server
        there.transport.abort()


@pytest.mark.parametrize("waiting", [0, 6], ids=["nothing waits", "much waits"])
async def test_who_is_gone_without_a_word_is_ended(adapters, real_database, monkeypatch, waiting):
    """Also where what was sent to them before waits to be read: that it never will be."""
    monkeypatch.setattr(protocols, "ENDS_WITHIN", SOONER)
    async with serving(adapters, real_database, pings=SOONER) as place:
        ada = await place.member()
        async with gone(place, ada, waiting=waiting):
            await nobody(place, ada)


async def test_without_being_cut_they_stay(adapters, real_database, monkeypatch):
    cuts = vars(WebSocketsSansIOProtocol)["keepalive_timeout"]
    monkeypatch.setattr(protocols.BoundedSockets, "keepalive_timeout", cuts)
    async with serving(adapters, real_database, pings=SOONER) as place:
        ada = await place.member()
        async with gone(place, ada, waiting=6) as server:
            async with asyncio.timeout(SOON):
                while not server.is_closing():
                    await place.ticket(ada)
            with pytest.raises(TimeoutError):
                await nobody(place, ada, within=3 * SOONER)
        await nobody(place, ada)
