"""Codes, as people type them and as an app makes them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import new_id
from app.domain.mfa import (
    ALPHABET,
    MfaAlreadyOn,
    MfaNotOn,
    MfaNotSetUp,
    clean,
    ensure_active,
    ensure_waiting,
    factor,
    matching_step,
    recovery_codes,
)
from tests.factories.clock import NOW

RFC_6238 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", as in its appendix B


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_rfc(second, code):
    now = datetime.fromtimestamp(second, UTC)

    assert matching_step(RFC_6238, code, now=now) == second // 30


@pytest.mark.parametrize(
    ("seconds", "step"), [(-31, None), (-30, 0), (0, 0), (29, 0), (59, 0), (60, None)]
)
def test_a_code_is_taken_half_a_minute_before_and_after_its_own(seconds, step):
    current = int(NOW.timestamp()) // 30
    code = pyotp.TOTP(RFC_6238).at(NOW)

    found = matching_step(RFC_6238, code, now=NOW + timedelta(seconds=seconds))

    assert found == (None if step is None else current)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("204918", "204918"),
        (" 204 918\n", "204918"),
        ("204-918", "204918"),
        ("7RK2M-X0V9D", "7rk2mx0v9d"),
        ("7rk2m xOv9d", "7rk2mx0v9d"),
        ("ILO10-00000", "1101000000"),
        ("٢٠٤٩١٨", ""),
        ("２０４９１８", ""),
        ("204\u200b918", ""),
        ("ｉｌｏ", ""),
        ("7r\N{KELVIN SIGN}2m-x0v9d", ""),
        ("", ""),
    ],
)
def test_a_code_is_read_as_it_was_meant(typed, read):
    assert clean(typed) == read


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_without_an_error(typed):
    read = clean(typed)

    assert read.isascii()
    assert clean(read) == read
    matching_step(RFC_6238, read, now=NOW)


def test_a_code_for_recovery_is_read_as_itself_and_never_as_one_of_the_app():
    codes = [code for _ in range(50) for code in recovery_codes()]

    assert len(set(codes)) == 500
    assert {letter for code in codes for letter in code} == {*ALPHABET, "-"}
    assert all(clean(code) == code.replace("-", "") for code in codes)
    assert {len(clean(code)) for code in codes} == {10}
    assert len(ALPHABET) ** 10 == 2 ** (5 * 10)


def test_what_was_set_up_waits_half_an_hour_to_be_turned_on():
    made = factor(new_id(), now=NOW)
    on = replace(made, activated_at=NOW)

    assert ensure_waiting(made, now=NOW + timedelta(minutes=29, seconds=59)) is made
    assert ensure_active(on) is on
    for late in (made, None):
        with pytest.raises(MfaNotSetUp):
            ensure_waiting(late, now=NOW + timedelta(minutes=30))
        with pytest.raises(MfaNotOn):
            ensure_active(late)
    with pytest.raises(MfaAlreadyOn):
        ensure_waiting(on, now=NOW)
