"""Logs: one event per line, and no secret in any of them."""

import json
import subprocess
import sys
import textwrap

import asyncpg
import pytest
from pydantic import BaseModel, SecretStr

from app.core import logging as logs
from app.core.logging import HIDDEN, redacted

CANARY = "hunter2-canary"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


def ran(program: str) -> list[str]:
    """Run a program that logs, as `configure` would have it, and return its lines."""
    text = textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, check=False, text=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_every_line_is_one_event_of_json_whoever_wrote_it():
    lines = ran(
        """
        import logging, structlog, time
        from app.core import logging as logs
        logs.configure(level="INFO", format_="json")
        logs.request_id.set("r1")
        structlog.get_logger("ours").info("booked", booking_id=7, lines="a\\nb")
        logging.getLogger("theirs").warning("slow %s", "query")
        logging.getLogger("theirs").debug("not asked for")
        logs.request(method="GET", path="/x", status=200, started=time.perf_counter())
        try:
            1 / 0
        except ZeroDivisionError:
            structlog.get_logger("ours").exception("failed")
        """
    )
    events = [json.loads(line) for line in lines]

    assert [(e["event"], e["level"]) for e in events] == [
        ("booked", "info"),
        ("slow query", "warning"),
        ("request", "info"),
        ("failed", "error"),
    ]
    assert {e["request_id"] for e in events} == {"r1"}
    assert all(e["timestamp"].startswith("20") and e["logger"] for e in events)
    assert events[0]["lines"] == "a\nb"
    assert "ZeroDivisionError" in events[3]["exception"]


def test_for_people_it_is_plain_text():
    (line,) = ran(
        """
        import structlog
        from app.core import logging as logs
        logs.configure(level="INFO", format_="console")
        structlog.get_logger("ours").info("booked", booking_id=7)
        """
    )

    assert "booked" in line
    assert "booking_id=7" in line


def test_below_the_level_nothing_is_written():
    assert (
        ran(
            """
        import logging, time
        from app.core import logging as logs
        logs.configure(level="WARNING", format_="json")
        logs.request(method="GET", path="/x", status=200, started=time.perf_counter())
        logging.getLogger("theirs").info("quiet")
        """
        )
        == []
    )


def test_a_warning_is_written_before_the_program_goes_on():
    (line,) = ran(
        """
        import logging, os
        from app.core import logging as logs
        logs.configure(level="INFO", format_="json")
        logging.getLogger("ours").error("the last words")
        os._exit(1)
        """
    )

    assert json.loads(line)["event"] == "the last words"


def test_a_known_secret_is_hidden_wherever_it_stands():
    (line,) = ran(
        f"""
        import logging
        from app.core import logging as logs
        logs.configure(level="INFO", format_="json", secrets=["{CANARY}", ""])
        logging.getLogger("theirs").error("could not connect as x with {CANARY}: %s", "{CANARY}")
        """
    )

    assert CANARY not in line
    assert line.count(HIDDEN) == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"password": CANARY},
        {"new_password": CANARY},
        {"headers": {"Authorization": f"Bearer {CANARY}", "Cookie": CANARY}},
        {"body": {"nested": [{"refresh_token": CANARY}]}},
        {"code": CANARY},
        {"api_key": CANARY},
        {"url": f"postgresql://banister:{CANARY}@db:5432/banister"},
        {"text": f"password={CANARY}"},
        {"text": f"'secret_key': '{CANARY} with spaces'"},
        {"text": f'{{"access_token": "{CANARY}"}}'},
        {"text": f"Authorization: Bearer {CANARY}"},
        {"text": f"X-API-Key: {CANARY}"},
        {"text": f"sk_live_{CANARY.replace('-', '_')}"},
        {"text": f"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${CANARY}"},
        {"value": SecretStr(CANARY)},
        {"error": ValueError(f"token={CANARY}")},
    ],
    ids=str,
)
def test_a_secret_among_the_facts_is_hidden(facts):
    assert CANARY not in str(redacted(facts))
    assert "argon2id" not in str(redacted(facts))


class Login(BaseModel):
    age: int


def raised_by(work) -> str:
    try:
        work()
    except Exception as error:
        return str(error)
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    "message",
    [
        raised_by(lambda: Login(age=CANARY)),
        f"invalid input for query argument $1: '{CANARY}' (expected str, got int)",
        f"duplicate key value\nDETAIL:  Key (email)=({CANARY}) already exists.",
        f"new row violates check\nDETAIL:  Failing row contains (1, {CANARY}, null).",
        f"could not connect to postgresql://banister:{CANARY}@db/x",
        f"bad token {JWT.replace('dozj', CANARY)}",
    ],
    ids=lambda text: text[:30],
)
def test_a_secret_in_the_message_of_an_error_is_hidden(message):
    assert CANARY not in str(redacted(message))
    assert CANARY in message


async def test_what_the_database_says_of_a_row_is_hidden(url):
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TEMP TABLE secrets (word text UNIQUE, CHECK (word <> 'x'))")
    told = []
    await connection.execute("INSERT INTO secrets VALUES ($1)", CANARY)
    for statement, arguments in [
        ("INSERT INTO secrets VALUES ($1)", [CANARY]),
        ("SELECT $1::int", [CANARY]),
        ("SELECT $1::text::uuid", [CANARY]),
    ]:
        with pytest.raises(Exception) as error:
            await connection.execute(statement, *arguments)
        told.append(str(error.value))
    await connection.close()

    assert CANARY in str(told)
    assert CANARY not in str(redacted(told[:2]))


def test_a_traceback_shows_lines_but_no_values():
    lines = ran(
        f"""
        import structlog
        from app.core import logging as logs
        logs.configure(level="INFO", format_="json")

        def sign_in(password):
            raise ValueError(f"no account for password={{password!r}}")

        try:
            sign_in("".join({list(CANARY)!r}))
        except ValueError:
            structlog.get_logger("ours").exception("failed", user={{"password": "x"}})
        """
    )

    assert len(lines) == 1
    assert CANARY not in lines[0]
    assert "sign_in" in lines[0]


def test_what_is_no_secret_stays():
    facts = {"path": "/api/v1/bookings", "status": 200, "ids": (1, 2), "none": None, "ok": True}

    assert redacted(facts) == {**facts, "ids": [1, 2]}
    assert redacted("5 bookings of 3 customers") == "5 bookings of 3 customers"


def test_a_line_that_cannot_be_written_as_json_is_written_all_the_same():
    assert json.loads(logs._json({"event": "\ud800", "when": object}))["event"] == "\ud800"
