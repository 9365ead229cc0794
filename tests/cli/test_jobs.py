"""`banister jobs` shows the queue and takes the dead in hand."""

import asyncio
import json
import os
import sys

from app.tasks.registry import TASKS, Task
from tests.tasks.bells import Rang, ring, settled, working

COMMANDS = """
import json, sys
from app.cli.main import program
for command in json.loads(sys.argv[1]):
    program(["jobs", *command], standalone_mode=False)
"""


async def banister_jobs(url, *commands):
    """Run the commands in one process; return the lines they print."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMANDS, json.dumps(commands)),
        env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": "a secret of the tests, long enough"},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode().splitlines()


async def test_the_dead_are_listed_shown_tried_again_and_dropped(real_doors, url, monkeypatch):
    async def fail(message, services):
        raise ValueError("the bell is cracked")

    monkeypatch.setitem(TASKS, Rang, [Task(fail, attempts=1)])
    await ring(real_doors, 1, 2)
    async with working(real_doors):
        first, second = [str(job.id) for job in await settled(real_doors)]

    printed = await banister_jobs(
        url,
        ["list", "--dead"],
        ["list", "--limit", "1"],
        ["show", first],
        ["drop", first],
        ["retry", "--all"],
        ["list"],
    )

    assert [line.split()[0] for line in printed[:2]] == [second, first]
    assert printed[0].endswith("dead     1 tries  Rang  ValueError: the bell is cracked")
    assert (printed[2].split()[0], printed[3][:24]) == (first, "there are more: --after ")
    assert printed[6:8] == ['{"number":1}', "ValueError: the bell is cracked"]
    dropped, retried, waiting = printed[-3:]
    assert (dropped, retried) == (f"{first} is dropped", "1 are tried again")
    assert "waiting  0 tries" in waiting
