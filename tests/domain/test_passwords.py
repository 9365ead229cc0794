"""Which passwords are refused."""

import pytest

from app.domain.passwords import WeakPassword, ensure_strong

EMAIL = "ada.lovelace@example.com"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "Tr0ub4dor&3-times",
        "пароль подлиннее",
        "x" * 5 + "y7" * 30,
        " spaces at the ends ",
        "emoji 🔑🔑🔑🔑",
    ],
)
def test_a_password_of_one_s_own_is_accepted(password):
    ensure_strong(password, email=EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "y7" * 65,
        "          ",
        "aaaaaaaaaaaa",
        "1212121212",
        "abcdabcdabcd",
        "0123456789",
        "abcdefghijk",
        "9876543210",
        "password123",
        "PASSWORD123",
        "qwertyuiop",
        "1qaz2wsx3edc",
        "ｑwertyuiop",
        "ada.lovelace@example.com",
        "my-Ada.Lovelace-1",
    ],
)
def test_what_a_guesser_would_try_is_refused(password):
    with pytest.raises(WeakPassword) as refusal:
        ensure_strong(password, email=EMAIL)
    assert refusal.value.pointer == "#/password"


def test_a_very_short_name_may_be_part_of_a_password():
    ensure_strong("balloon-trip-to-mars", email="al@example.com")
