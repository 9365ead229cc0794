"""200 sockets in one room: what telling all of them costs, beside a server that writes bytes.

python -m bench.fanout [--seconds 2] [--rounds 3]

All serve with one loop and the application's own protocol of uvicorn: the application's hub and
sockets; the reference, which writes the frame, made beforehand, to every transport; and what one
writes first, `send_json` in a loop. The clients are a process of their own.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import quantiles

from bench.load import Heard
from bench.processes import ROOT
from bench.report import Measured, Round, written


def fanned_out(seconds: float) -> dict[str, Measured]:
    """Return what each room cost per delivery, and how late it was."""
    command = [sys.executable, "-m", "bench.rooms", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return {name: _of(**found) for name, found in json.loads(done.stdout).items()}


def _of(count: int, used: float, took: float, late: list[float], lost: int) -> Measured:
    cuts = quantiles(late, n=100)
    heard = Heard(count, took, cuts[49], cuts[98], max(late), lost)
    return Measured(heard, used / count * 1e6, 0.0)


def lost(found: Round) -> Iterator[str]:
    """Say in which room somebody did not get all in its order, or was not ended for not reading."""
    for name, measured in found.items():
        if measured.heard.refused:
            yield f"{name}: {measured.heard.refused} sockets did not get what they should"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rounds: list[Round] = [fanned_out(asked.seconds) for _ in range(asked.rounds)]
    print(written(rounds, [fault for each in rounds for fault in lost(each)]))


if __name__ == "__main__":
    main()
