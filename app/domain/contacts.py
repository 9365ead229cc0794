"""How a person can be reached: addresses and numbers in one form each.

The functions raise a ValueError whose sentence tells the reader what to change.
"""

import re
import unicodedata
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

LONGEST_EMAIL: Final = 254  # RFC 5321 leaves no room for more
LONGEST_USERNAME: Final = 30
HOME: Final = "US"  # a number without a country code is read as one of this country
USERNAME: Final = re.compile(r"[a-z0-9](?:[._-]?[a-z0-9]){2,}")


def email_address(text: str) -> str:
    """Return the address in lower case, its domain in ASCII (IDNA), so that one looks like one.

    Letters beyond ASCII before the @ are refused: they are made for look-alikes, and few mail
    servers take them. Nothing is asked of the network.
    """
    try:
        found = validate_email(
            unicodedata.normalize("NFC", text).strip(),
            allow_smtputf8=False,
            check_deliverability=False,
            strict=True,
            test_environment=True,  # .test is for tests (RFC 6761)
        )
    except EmailNotValidError:
        raise ValueError("This is not an e-mail address.") from None
    address = (found.ascii_email or "").lower()
    if not 0 < len(address) <= LONGEST_EMAIL:
        raise ValueError("This is not an e-mail address.")
    return address


def phone_number(text: str) -> str:
    """Return the number in E.164; one in national form is read as a number of the US."""
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        raise ValueError("This is not a phone number.") from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise ValueError("This is not a phone number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def user_name(text: str) -> str:
    """Return the name in lower case: letters a to z and digits, single . _ or - between them."""
    name = unicodedata.normalize("NFKC", text).strip().lower()
    if len(name) > LONGEST_USERNAME or not USERNAME.fullmatch(name):
        raise ValueError(
            "A username has 3 to 30 letters a to z or digits, with single . _ or - between them."
        )
    return name
