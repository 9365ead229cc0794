"""Codes of tickets: what we signed, and nothing else."""

import random
import re
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.signatures import SigningKey, base64url
from app.domain.ticket_codes import (
    PURPOSE,
    InvalidTicketCode,
    TicketCode,
    TicketSigner,
    short,
)

SECRET = "a secret key of thirty-two bytes"
SIGNER = TicketSigner(SECRET)
TICKET = TicketCode(uuid4(), uuid4(), 3)
CODE = SIGNER.write(TICKET)
URLSAFE = string.ascii_letters + string.digits + "-_"


def refused(code: str) -> bool:
    try:
        SIGNER.read(code)
    except InvalidTicketCode as refusal:
        return str(refusal) == InvalidTicketCode.title
    return False


@given(st.uuids(), st.uuids(), st.integers(0, 32_767))
def test_a_code_says_what_was_written(ticket_id, event_id, version):
    ticket = TicketCode(ticket_id, event_id, version)

    assert SIGNER.read(SIGNER.write(ticket)) == ticket


def test_a_code_is_made_anew_the_same_and_read_after_a_restart():
    assert TicketSigner(SECRET).write(TICKET) == CODE
    assert TicketSigner(SECRET).read(f" {CODE}\n") == TICKET


def test_a_code_is_132_letters_that_go_into_a_link_as_they_are():
    assert re.fullmatch(r"[A-Za-z0-9_-]{132}", CODE)


def test_a_code_is_another_one_once_the_ticket_changed_hands():
    passed_on = TicketCode(TICKET.ticket_id, TICKET.event_id, TICKET.code_version + 1)

    assert SIGNER.write(passed_on)[:100] != CODE[:100]
    assert SIGNER.read(CODE).code_version < SIGNER.read(SIGNER.write(passed_on)).code_version


def test_no_bit_of_a_code_can_be_turned():
    packed = urlsafe_b64decode(CODE)

    for bit in range(len(packed) * 8):
        turned = bytearray(packed)
        turned[bit // 8] ^= 1 << bit % 8
        assert refused(base64url(bytes(turned))), bit


def test_no_letter_of_a_code_can_be_replaced():
    chance = random.Random(7)

    for place in range(len(CODE)):
        other = chance.choice([letter for letter in URLSAFE if letter != CODE[place]])
        assert refused(CODE[:place] + other + CODE[place + 1 :]), place


@pytest.mark.parametrize(
    "code",
    [
        "",
        CODE[:-1],
        CODE[:-4],
        CODE[1:],
        CODE + "A",
        CODE + "AAAA",
        CODE + "=",
        CODE + "====",
        CODE[:66] + "\n" + CODE[66:],
        CODE[:66] + " " + CODE[67:],
        CODE[:66] + "+" + CODE[67:],
        CODE[:66] + "/" + CODE[67:],
        CODE[:66] + "ё" + CODE[67:],
        CODE[:66] + "\u0660" + CODE[67:],  # a digit, and not of these
        CODE[:66] + "\0" + CODE[67:],
        CODE * 10_000,
    ],
    ids=range(16),
)
def test_what_is_not_written_like_a_code_is_refused(code):
    assert refused(code)


def test_a_code_of_another_key_is_refused():
    assert refused(TicketSigner("another secret key of thirty-two").write(TICKET))
    signed = TICKET.packed()
    assert refused(base64url(signed + SigningKey(SECRET, "another purpose").sign(signed)))
    assert not refused(base64url(signed + SigningKey(SECRET, PURPOSE).sign(signed)))  # control


def test_a_code_of_one_event_is_none_of_another():
    elsewhere = TicketCode(TICKET.ticket_id, uuid4(), TICKET.code_version)
    signature = urlsafe_b64decode(CODE)[-64:]

    assert refused(urlsafe_b64encode(elsewhere.packed() + signature).decode())
    assert SIGNER.read(CODE).event_id == TICKET.event_id


def test_another_version_is_refused_though_it_is_signed():
    signed = b"\x02" + TICKET.packed()[1:]

    assert refused(base64url(signed + SigningKey(SECRET, PURPOSE).sign(signed)))


def test_a_number_is_short_and_of_letters_that_are_not_mixed_up():
    number = short(UUID("0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"))

    assert number == "3JD0-PBAE"
    assert {len(short(UUID(int=number))) for number in (0, 2**128 - 1)} == {9}
