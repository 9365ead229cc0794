"""The XML FreedomPay answers with and is answered in: elements and text, and nothing else of it.

Read with expat itself, which asks before it takes a document type. Without one there are no
entities, so nothing can grow and nothing is fetched.
"""

import re
from collections.abc import Mapping
from typing import Final, NoReturn
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import escape

from app.integrations.payments.freedompay_signing import Tag

MEDIA_TYPE: Final = "application/xml"
LARGEST: Final = 1 << 18
MOST_TAGS: Final = 5000
DEEPEST: Final = 8
ILLEGAL: Final = re.compile("[^\\t\\n -\\uD7FF\\uE000-\\uFFFD\\U00010000-\\U0010FFFF]")


class Unusable(Exception):
    """It is not what FreedomPay is known to send; the words are for the log."""


def read_xml(content: bytes) -> tuple[Tag, ...]:
    """Return what is within the root; refuse what is too large, too deep or declares anything."""
    if len(content) > LARGEST:
        raise Unusable("too large")
    builder = _Builder()
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.StartElementHandler = builder.begin
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(content, True)
    except (ExpatError, ValueError, LookupError):  # also an encoding that nobody knows
        raise Unusable("not well-formed") from None
    return builder.root.within


def written_xml(fields: Mapping[str, str]) -> bytes:
    """Return a `response` with these elements."""
    lines = (f"<{name}>{escape(_legal(text))}</{name}>" for name, text in fields.items())
    return f'<?xml version="1.0" encoding="utf-8"?>\n<response>{"".join(lines)}</response>'.encode()


class _Builder:
    def __init__(self) -> None:
        self.root = Tag("")
        self._count = 0
        self._open: list[tuple[str, list[str], list[Tag]]] = []

    def refuse(self, *_: object) -> NoReturn:
        raise Unusable("a document type")

    def begin(self, name: str, _: object) -> None:
        self._count += 1
        if self._count > MOST_TAGS or len(self._open) == DEEPEST:
            raise Unusable("too many elements")
        self._open.append((name, [], []))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, _: str) -> None:
        name, texts, within = self._open.pop()
        tag = Tag(name, "" if within else "".join(texts), tuple(within))
        if self._open:
            self._open[-1][2].append(tag)
        else:
            self.root = tag


def _legal(text: str) -> str:
    """Return it without what XML 1.0 can't hold (2.2)."""
    return ILLEGAL.sub("", text)
