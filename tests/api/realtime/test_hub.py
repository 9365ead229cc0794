"""What one connection is given: at once while the client reads, and in one order in any case."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import pytest

from app.api.realtime import hub
from app.api.realtime.hub import Close, Connection, unkept
from app.core.ids import new_id
from app.domain.realtime import Admitted


class Line:
    """A transport that takes what it is given, until it asks to wait."""

    def __init__(self):
        self.is_writable = True
        self.taken = []

    def write(self, wire):
        if self.is_writable:
            self.taken.append(wire)
        return self.is_writable


class Sender:
    """What sends on a line: the task that takes what waits, when the line lets it."""

    def __init__(self, connection, line):
        self.line = line
        self.may_send = asyncio.Event()
        self.may_send.set()
        self.batches = 0
        self.task = asyncio.create_task(self._send(connection))

    async def _send(self, connection):
        async with aclosing(connection.batches()) as waiting:
            async for batch in waiting:
                self.batches += 1
                for told in batch:
                    await self.may_send.wait()
                    self.line.taken.append(told.wire)


class Hasty(Connection):
    """Gives to the line whatever it takes, whether or not something waits."""

    @property
    def _is_idle(self):
        return True

    @_is_idle.setter
    def _is_idle(self, value):
        pass


@asynccontextmanager
async def connected(kind=Connection):
    connection, line = kind(Admitted(new_id(), new_id(), 0), since=0, until=0), Line()
    connection.write = line.write
    sender = Sender(connection, line)
    await until(lambda: connection._is_idle)
    yield connection, line, sender
    sender.may_send.set()
    connection.end(Close.NORMAL)
    await sender.task


@pytest.fixture
async def there():
    async with connected() as there:
        yield there


async def until(holds):
    for _ in range(100):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError(holds)


TOLD = [unkept("message", f'{{"n":{number}}}') for number in range(9)]
WIRES = [told.wire for told in TOLD]


async def test_who_reads_is_given_a_frame_in_the_same_turn(there):
    connection, line, sender = there
    for told in TOLD:
        connection.put(told)

    assert (line.taken, sender.batches) == (WIRES, 0)


async def interrupted(connection, line, sender):
    """Let the line ask to wait for one frame, and be free again before that one is sent."""
    connection.put(TOLD[0])
    line.is_writable = False
    sender.may_send.clear()
    connection.put(TOLD[1])
    line.is_writable = True
    for told in TOLD[2:5]:
        connection.put(told)
    await until(lambda: sender.batches)
    connection.put(TOLD[5])
    sender.may_send.set()
    await until(lambda: connection._is_idle)
    for told in TOLD[6:]:
        connection.put(told)
    await until(lambda: len(line.taken) == len(TOLD))


async def test_what_had_to_wait_is_not_overtaken(there):
    await interrupted(*there)

    assert there[1].taken == WIRES


async def test_without_that_it_is():
    async with connected(Hasty) as there:
        await interrupted(*there)

        assert there[1].taken != WIRES
        assert sorted(there[1].taken) == WIRES, "the control: in another order"


async def test_what_is_refused_waits_up_to_the_bound_and_no_further(there, monkeypatch):
    monkeypatch.setattr(hub, "MOST_FRAMES", 3)
    connection, line, sender = there
    line.is_writable = False
    sender.may_send.clear()
    for told in TOLD[:3]:
        connection.put(told)
    assert connection.code is None

    connection.put(TOLD[3])

    assert connection.code is Close.TRY_AGAIN
    line.is_writable = True
    connection.put(TOLD[4])
    assert line.taken == [], "who was ended is told no more"
