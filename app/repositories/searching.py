"""Searching by words that may be misspelled, through trigrams (pg_trgm).

How much must agree is a setting of each session (`core.database.SESSION`), because an operator
is what an index can serve and an operator takes no third argument.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Double, Text, bindparam, cast, func, literal, or_

WORDS: Final = func.lower(bindparam("q", type_=Text), type_=Text)
# What LIKE would take for a wildcard is a letter like any other.
ESCAPED: Final = func.regexp_replace(WORDS, r"([\\%_])", r"\\\1", "g", type_=Text)
PATTERN: Final = literal("%", Text) + ESCAPED + literal("%", Text)


def found_in(searched: Any) -> ColumnElement[bool]:
    """Tell whether the words of `q` stand in a text in lower case, or words much like them."""
    return or_(searched.op("%>")(WORDS), searched.like(PATTERN))


def distance(name: Any, searched: Any) -> ColumnElement[float]:
    """Return how far `q` is from it, the nearest being the least.

    That the words stand somewhere in it counts once, and as much again that they are its name.
    """
    nearness = func.word_similarity(WORDS, searched) + func.similarity(WORDS, name)
    return cast(-nearness, Double)
