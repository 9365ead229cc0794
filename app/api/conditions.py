"""Conditional requests (RFC 9110, 13): ETags of the very bytes that are sent."""

from hashlib import blake2b

from app.core.errors import PreconditionFailed


def tag_of(body: bytes) -> str:
    """Return the strong ETag of a representation."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def matches(header: str, tag: str) -> bool:
    """Tell whether an If-Match or If-None-Match header names this tag (weak ones compare too)."""
    names = [name.strip().removeprefix("W/") for name in header.split(",")]
    return "*" in names or tag in names


def ensure_match(header: str | None, body: bytes) -> None:
    """Refuse with PreconditionFailed unless the header, if given, names these bytes.

    To be called with the row locked, so that nothing comes between the check and the change.
    """
    if header is not None and not matches(header, tag_of(body)):
        raise PreconditionFailed
