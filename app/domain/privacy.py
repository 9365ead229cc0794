"""The vocabulary of being forgotten, and of what tells who somebody was."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Self
from uuid import UUID

import phonenumbers

from app.core.messages import Message
from app.domain.providers import Provider
from app.domain.users import User

ERASED: Final = "[erased]"
"""What stands in a text where a name stood."""
ERASED_PROVIDER: Final = "Erased provider"
ADDRESS_PURPOSE: Final = "erased-address"
"""What ids of addresses are derived for, see `Signer`."""
SETTLED_AFTER: Final = timedelta(minutes=1)
"""By when whatever was under way for the account when it was erased is over."""
SHORTEST_NAME: Final = 3  # letters; less of a name tells nobody, and stands in every other word
# How people part the digits of a phone number.
BETWEEN_DIGITS: Final = r"[\s().\-/]*"
NOTHING: Final = r"(?!)"  # a pattern that is nowhere


@dataclass(frozen=True, slots=True)
class UserErased(Message):
    """An account holds nothing of its person any more; what was under way may have come after."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class AddressErased(Message):
    """An address was of somebody who was erased; the id is derived from it and doesn't tell it."""

    address_id: UUID


@dataclass(frozen=True, slots=True)
class Traces:
    """What tells, in a text, who somebody is: names, address and number, however written."""

    pattern: re.Pattern[str]

    @classmethod
    def of(cls, user: User, provider: Provider | None, addresses: Iterable[str]) -> Self:
        told = [_alone([address]) for address in addresses]
        told += [*_names(user, provider), *_numbers(user)]
        # The longest first: "Ada Lovelace" is one name, not two.
        told.sort(key=len, reverse=True)
        return cls(re.compile("|".join(told) or NOTHING, re.IGNORECASE))

    def are_in(self, text: str) -> bool:
        return self.pattern.search(text) is not None

    def out_of(self, text: str) -> str:
        """Return the text without them; the very same where there is none."""
        return self.pattern.sub(ERASED, text)

    def out_of_each(self, texts: Iterable[str | None]) -> tuple[str | None, ...]:
        return tuple(None if text is None else self.out_of(text) for text in texts)


@dataclass(frozen=True, slots=True)
class OwnOffering:
    """What somebody wrote of a service that is theirs."""

    id: UUID
    name: str
    description: str | None
    tags: list[str]

    def without(self, traces: Traces) -> Self:
        tags = [tag for tag in self.tags if traces.out_of(tag) == tag]
        (description,) = traces.out_of_each([self.description])
        return replace(self, name=traces.out_of(self.name), description=description, tags=tags)


@dataclass(frozen=True, slots=True)
class OwnName:
    """What somebody called an event of theirs, or one of its ticket types."""

    id: UUID
    name: str
    is_event: bool


def erased_email(user_id: UUID) -> str:
    """Return an address that is nobody's (RFC 2606), one for each account."""
    return f"erased-{user_id}@erased.invalid"


def _names(user: User, provider: Provider | None) -> list[str]:
    """Return patterns of whole names, and of each word of the person's own."""
    whole = [user.full_name, user.username, provider.name if provider else None]
    words = (user.full_name or "").split()
    named = [name.split() for name in (*whole, *words) if name and len(name) >= SHORTEST_NAME]
    return [_alone(name) for name in named]


def _alone(words: Sequence[str]) -> str:
    """Return a pattern of the words where they are no part of longer ones."""
    whole = r"\s+".join(map(re.escape, words))
    return rf"(?<![^\W_]){whole}(?![^\W_])"


def _numbers(user: User) -> Iterable[str]:
    """Return a pattern of the phone number: in E.164 or as at home, its digits in any groups."""
    if user.phone is None:
        return []
    number = phonenumbers.parse(user.phone)
    home = phonenumbers.national_significant_number(number)
    country = BETWEEN_DIGITS.join(str(number.country_code))
    digits = BETWEEN_DIGITS.join(home)
    return [rf"(?<!\d)(?:\+?(?:{country}|[08]){BETWEEN_DIGITS})?{digits}(?!\d)"]
