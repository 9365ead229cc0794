"""What every messenger does, be it real or a default; and every real one where things go wrong."""

import asyncio
from collections import deque

import pytest

from app.integrations.guarding import MOST_FAILURES
from tests.integrations.messengers.vendors import REAL, VENDORS

AFTER = ("hang", "drop", "malformed", "list", "empty", "other", "500-after", "redirect")


@pytest.fixture(params=VENDORS)
async def vendor(request, clock, tmp_path):
    async with VENDORS[request.param](clock, tmp_path) as vendor:
        yield vendor


@pytest.fixture(params=REAL)
async def real(request, clock, tmp_path):
    async with VENDORS[request.param](clock, tmp_path) as vendor:
        yield vendor


async def test_a_message_arrives_as_it_was_written_and_has_a_receipt(vendor):
    text = "Привет 👋, it's at 9:00 <b>&amp;</b>\nsee you"

    first = await vendor.send(text, key="1")
    other = await vendor.send("Another", key="2")

    assert sorted(vendor.seen()) == sorted([text, "Another"])
    assert first.reference != other.reference
    assert 0 < len(first.reference) <= 128


async def test_of_a_message_that_is_too_long_the_end_is_left_out(vendor):
    await vendor.send("word " * 2000)

    (text,) = vendor.seen()
    assert text.startswith("word word")
    assert text.endswith("…")


async def test_a_messenger_that_lets_us_in_is_fine(vendor):
    await vendor.sender.check()


async def test_where_nobody_will_ever_read_it_that_is_told(real):
    for to in real.dead:
        with pytest.raises(real.refused) as refused:
            await real.send(to=to)

        assert refused.value.is_dead
        assert refused.value.code
        assert str(to) not in f"{refused.value}"
    assert real.seen() == []


async def test_what_a_messenger_will_not_take_is_not_asked_again(real):
    real.server.faults.append("400")

    with pytest.raises(real.refused) as refused:
        await real.send()

    assert not refused.value.is_dead
    assert real.server.faults == deque()
    assert real.seen() == []


async def test_who_is_asked_too_often_says_how_long_to_wait_and_is_not_pressed(real):
    for _ in range(MOST_FAILURES + 2):  # and it does not rest for that
        real.server.faults.append("429")
        with pytest.raises(real.unavailable) as unavailable:
            await real.send()

        assert unavailable.value.is_undone
        assert unavailable.value.retry_after == 7
    await real.send()

    assert len(real.seen()) == 1


@pytest.mark.parametrize("fault", AFTER)
async def test_where_an_answer_is_lost_nobody_says_that_nothing_went_out(real, fault):
    real.server.faults.extend([fault] * 3)
    real.sender._wire._seconds = 0.5

    with pytest.raises(real.unavailable) as unavailable:
        await real.send()

    assert not unavailable.value.is_undone
    assert len(real.seen()) == 1, "and it is not sent again where that would be shown twice"


@pytest.mark.parametrize("fault", ["500", "503"])
async def test_who_fails_without_a_word_may_have_sent_it(real, fault):
    real.server.faults.extend(["500" if real.kind == "telegram" else fault] * 3)

    with pytest.raises(real.unavailable) as unavailable:
        await real.send()

    assert not unavailable.value.is_undone
    assert real.seen() == []


async def test_where_nobody_listens_it_is_known_that_nothing_went_out(real):
    real.sender._wire._base = "http://127.0.0.1:1"
    real.sender._guard._pause = 0

    with pytest.raises(real.unavailable) as unavailable:
        await real.send()

    assert unavailable.value.is_undone


async def test_who_is_down_is_left_alone_after_a_while(real):
    real.sender._guard._tries = 1
    real.server.faults.extend(["500"] * MOST_FAILURES)
    for _ in range(MOST_FAILURES):
        with pytest.raises(real.unavailable):
            await real.send()
    calls = real.server.calls.total()

    with pytest.raises(real.unavailable) as unavailable:
        await real.send()

    assert unavailable.value.is_undone
    assert unavailable.value.retry_after
    assert real.server.calls.total() == calls


async def test_what_is_sent_again_is_shown_once_where_the_messenger_can_do_that(vendor):
    first = await vendor.send()
    await vendor.send()

    assert len(vendor.seen()) == (1 if vendor.shows_once else 2)
    assert first.reference


async def test_many_at_once_all_arrive(vendor):
    await asyncio.gather(*(vendor.send(f"Number {n}", key=str(n)) for n in range(20)))

    assert sorted(vendor.seen()) == sorted(f"Number {n}" for n in range(20))
