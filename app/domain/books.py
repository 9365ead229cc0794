"""What could be wrong with the books. The tables refuse all of it; this is to know that they do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

MOST_SHOWN: Final = 20


class MistakeKind(StrEnum):
    MISCOUNTED = "miscounted"
    UNBALANCED = "unbalanced"
    UNDER_ZERO = "under zero"


@dataclass(frozen=True, slots=True)
class Mistake:
    """`subject_id` is an account, or of what is unbalanced an entry.

    `expected` is what its postings say, `found` what stands there, both in minor units.
    """

    kind: MistakeKind
    subject_id: UUID
    currency: str
    expected: int
    found: int
