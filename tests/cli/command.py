"""The program as its users start it: a process of its own, in a directory of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOREIGN = ("DATABASE_URL", "SECRET_KEY", "ENVIRONMENT", "DATA_DIR", "HOST", "PORT")


def environment(**given: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | given


def start(directory: Path, *arguments: str, **given: str) -> "subprocess.Popen[str]":
    """Start a Python program or, with `-m app.cli`, ours."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=directory,
        env=environment(**given),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def banister(directory: Path, *arguments: str, **given: str) -> "subprocess.Popen[str]":
    return start(directory, "-m", "app.cli", *arguments, **given)
