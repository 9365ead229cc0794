"""Conditional requests (RFC 9110, 13): ETags of the very bytes that are sent."""

from hashlib import blake2b

from app.core.errors import PreconditionFailed


def tag_of(body: bytes) -> str:
    """Return the strong ETag of a representation."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def matches(header: str, tag: str) -> bool:
    """Tell whether an If-None-Match header names this tag, as a weak one too."""
    names = [name.strip().removeprefix("W/") for name in header.split(",")]
    return "*" in names or tag in names


def ensure_match(header: str | None, body: bytes) -> None:
    """Refuse with PreconditionFailed unless an If-Match header, if given, names these bytes.

    A weak tag never does (RFC 9110, 13.1.1). To be called with the row locked, so that nothing
    comes between the check and the change.
    """
    if header is None:
        return
    names = [name.strip() for name in header.split(",")]
    if "*" not in names and tag_of(body) not in names:
        raise PreconditionFailed
