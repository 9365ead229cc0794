"""What the README says is so: its story is run as it stands there, its names are looked up."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from app.cli.main import program
from app.domain.demo import ACCOUNTS, PASSWORD

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BANISTER = Path(sys.executable).with_name("banister")
STORY_WITHIN = 60  # seconds


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Start the program as a newcomer would; it ends with the test."""
    surroundings = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), "PORT": "0"}
    with subprocess.Popen(
        [BANISTER, "dev"], cwd=tmp_path, env=surroundings, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        lines = iter(running.stdout.readline, "")
        yield next(line.split()[-1] for line in lines if line.startswith("Banister is ready"))
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=STORY_WITHIN)
    assert running.returncode == 0


@pytest.mark.skipif(not shutil.which("curl"), reason="the story is told with curl")
def test_the_story_ends_with_a_booking_that_cannot_be_made_twice(address: str):
    (story,) = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)

    told = subprocess.run(
        ["bash", "-c", story],
        env={"PATH": os.environ["PATH"], "BANISTER": address},
        capture_output=True,
        text=True,
        timeout=STORY_WITHIN,
        check=False,
    )

    booked, made, refused, not_made = told.stdout.splitlines()[-4:]
    assert (made, not_made, told.stderr, told.returncode) == ("201", "409", "", 0)
    assert '"status":"confirmed"' in booked
    assert len(json.loads(refused)["alternatives"]) == 5


def test_every_target_of_make_exists():
    named = set(re.findall(r"\bmake ([a-z]+)", README))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert named
    assert named <= targets


def test_every_command_of_the_program_exists():
    named = set(re.findall(r"\bbanister ([a-z][a-z-]+)", README))

    assert named
    assert named <= set(get_command(program).commands)


def test_every_demo_account_is_named():
    short = {f"{account.name}@…" for account in ACCOUNTS} | {account.email for account in ACCOUNTS}
    named = set(re.findall(r"`([a-z]+@[^`]+)`", README))

    assert named <= short
    assert {one.partition("@")[0] for one in named} == {account.name for account in ACCOUNTS}
    assert f"`{PASSWORD}`" in README


def test_every_folder_of_the_map_exists():
    first_cells = re.findall(r"^\| (`.*?) \|", README, re.MULTILINE)
    named = [path for cell in first_cells for path in re.findall(r"`([^`]+)`", cell)]

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_decision_is_in_the_index():
    decisions = ROOT / "docs" / "decisions"
    index = (decisions / "README.md").read_text()

    assert [page.name for page in decisions.glob("0*.md") if f"({page.name})" not in index] == []
