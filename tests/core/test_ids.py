"""Ids that sort by the time they were made (RFC 9562, 5.7)."""

import time
from datetime import UTC, datetime

import time_machine

from app.core.ids import made_at, named_id, new_id


def test_an_id_says_version_seven_and_when_it_was_made():
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= after


def test_an_id_tells_the_instant_it_was_made():
    with time_machine.travel(datetime(2030, 1, 31, 9, 0, 0, 123_000, tzinfo=UTC), tick=False):
        made = new_id()

    assert made_at(made) == datetime(2030, 1, 31, 9, 0, 0, 123_000, tzinfo=UTC)


def test_ids_sort_by_time():
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False) as clock:
        made = []
        for _ in range(100):
            made.append(new_id())
            clock.shift(0.001)

    assert made == sorted(made)


def test_ids_are_noise_otherwise():
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False):
        made = [new_id() for _ in range(10_000)]

    assert len(set(made)) == len(made)
    assert len({one.int & (1 << 62) - 1 for one in made}) == len(made)


def test_a_name_has_one_id():
    assert named_id("salon") == named_id("salon") != named_id("spa")
