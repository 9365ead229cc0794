"""Addresses and numbers in one form each."""

import pytest

from app.domain.contacts import email_address, phone_number, user_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.B+1@EXAMPLE.Com ", "ada.b+1@example.com"),
        ("ada@salon.test", "ada@salon.test"),
        ("o'hara@x.kz", "o'hara@x.kz"),
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
        ("a@\u0435xample.com", "a@xn--xample-2of.com"),  # a Cyrillic e: shown for what it is
    ],
)
def test_an_address_has_one_form(given, kept):
    assert email_address(given) == kept
    assert email_address(kept) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "ada",
        "ada@",
        "@x.kz",
        "ada@localhost",
        '"a b"@x.kz',
        "a@[127.0.0.1]",
        "a@x.kz\nBcc: v@y.kz",
        "a\r\nBcc: v@y.kz\r\n@x.kz",
        "a@x.kz, b@x.kz",
        "Ada <a@x.kz>",
        "a\0@x.kz",
        "\u0430da@x.kz",  # a Cyrillic a
        "ad\uff41@x.kz",  # a full-width a
        "ada\u202e@x.kz",
        "ada@ex\u00adample.com",
        "a..b@x.kz",
        f"{'a' * 65}@x.kz",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 20}.com",
        "a@" + ("\u00fc" * 50 + ".") * 4 + "de",
    ],
)
def test_what_is_no_address_is_refused(given):
    with pytest.raises(ValueError, match="not an e-mail address"):
        email_address(given)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("(202) 555-0143", "+12025550143"),
        ("202-555-0143", "+12025550143"),
        ("+996 700 123 456", "+996700123456"),
        ("+44 20 7946 0958", "+442079460958"),
        ("\uff0b\uff11 \uff12\uff10\uff12 555 0143", "+12025550143"),
    ],
)
def test_a_number_is_kept_as_e164_and_read_as_one_of_the_us(given, kept):
    assert phone_number(given) == kept
    assert phone_number(kept) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "12",
        "5551234",
        "call me",
        "+1 555 123 4567",
        "+999 123 456 789",
        "0" * 40,
        "2025550143 x5",
    ],
)
def test_what_is_no_number_is_refused(given):
    with pytest.raises(ValueError, match="not a phone number"):
        phone_number(given)


@pytest.mark.parametrize(
    ("given", "kept"), [("Ada", "ada"), (" ada.lovelace_1 ", "ada.lovelace_1"), ("\uff21da", "ada")]
)
def test_a_username_has_one_form(given, kept):
    assert user_name(given) == kept


@pytest.mark.parametrize(
    "given", ["", "ab", "a b c", ".ada", "ada.", "a..da", "\u0430da", "a" * 31, "a\nda", "ad@"]
)
def test_what_is_no_username_is_refused(given):
    with pytest.raises(ValueError, match="A username has"):
        user_name(given)
