"""Becomes another program that ends with the process which asked for it.

    python tether.py PARENT UID:GID PROGRAM ARGUMENTS...

A program of its own, and not a hook between fork and exec, which threads make unsafe. It imports
nothing of ours, so that it is there at once.
"""

import ctypes
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1


def end_with(parent: int, number: signal.Signals) -> None:
    """Have this process sent a signal when its parent ends; on Linux alone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it ended before
        signal.raise_signal(number)


def main(parent: int, account: str, *command: str) -> None:
    if account:
        uid, gid = map(int, account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    end_with(parent, signal.SIGINT)  # after setuid, which would undo it
    os.execv(command[0], command)  # noqa: S606  # the path is absolute, no shell wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
