"""What makes somebody look at a review before it is published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.review_flags import flags_of

BLOCKED = ("scam", "мудак*", "курва", "idiot")


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (None, []),
        ("", []),
        ("The best cut in years, 10 out of 10.", []),
        ("Booked for 2030-03-04 10:30, paid 45.00 EUR, waited 15-20 min.", []),
        ("Стриглась 12.05.2030 в 14:30, отдала 2 500 сом.", []),
        ("Чудово! Прийду ще раз о 9.", []),
        ("Nice.Very nice.I will come again", []),
        ("https://evil.example/x", ["link"]),
        ("hxxp://evil", ["link"]),
        ("see www.evil", ["link"]),
        ("see evil.com", ["link"]),
        ("see evil .ru today", ["link"]),
        ("наш сайт салон.рф", ["link"]),
        ("h\u200bttps://evil", ["link"]),
        ("ｈｔｔｐｓ：／／evil", ["link"]),
        ("write me@example.com", ["email"]),
        ("write me (at) example.com", ["email"]),
        ("call +996 555 12-34-56", ["phone"]),
        ("звони 8 (029) 123-45-67", ["phone"]),
        ("0 5 5 5 1 2 3 4 5 6", ["phone"]),
        ("what a scam", ["word"]),
        ("what a SCAM!", ["word"]),
        ("what a sсаm", ["word"]),  # Cyrillic in the middle
        ("what a s.c.a.m", ["word"]),
        ("what a s c a m here", ["word"]),
        ("what a $c4m", ["word"]),
        ("scaaaam", ["word"]),
        ("s\u00adcam", ["word"]),
        ("Мудаки работают", ["word"]),
        ("мyдak", ["word"]),  # Latin among Cyrillic
        ("Ну й курва", ["word"]),
        ("1d10t", ["word"]),
        ("scampi were good", []),
        (
            "https://a.example, me@example.com, +49 30 1234567, scam",
            ["link", "email", "phone", "word"],
        ),
    ],
)
def test_what_is_found_in_a_text(text, flags):
    assert flags_of(text, BLOCKED) == flags


def test_without_words_no_word_is_found():
    assert flags_of("what a scam", []) == []
    assert flags_of("anything", ["", "*"]) == []


@given(st.text(max_size=500))
def test_whatever_is_written_is_looked_through(text):
    assert set(flags_of(text, BLOCKED)) <= {"link", "email", "phone", "word"}
