"""The vocabulary of files that people send along: with a message, with a review."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound
from app.core.messages import Message
from app.domain.actors import Actor

LARGEST_SIDE: Final = 2048
"""The square, in pixels, that a picture is made to fit into."""
UNFINISHED_FOR: Final = timedelta(hours=1)
"""How long a file may be on its way into the storage: it is, or never will be."""
UNATTACHED_FOR: Final = timedelta(hours=24)
LINK_STEP: Final = 15 * 60
"""Seconds for which a link stays the same, so that caches work; it lasts at least as long."""
LINK_PURPOSE: Final = "file-link"
FOLDER: Final = "files/"


class FileType(StrEnum):
    """What a file is by its content; whatever picture was sent, it is kept as WebP."""

    PDF = "application/pdf"
    TEXT = "text/plain"
    WEBP = "image/webp"


SUFFIXES: Final[Mapping[FileType, str]] = {
    FileType.PDF: ".pdf",
    FileType.TEXT: ".txt",
    FileType.WEBP: ".webp",
}


class FileState(StrEnum):
    PENDING = "pending"  # there is a row, and perhaps no content yet
    READY = "ready"
    DROPPED = "dropped"  # nobody sees it any more; content and row go in a moment


class FileOwner(StrEnum):
    """What a file can hang on; whoever may see that, may see the file."""

    MESSAGE = "message"
    REVIEW = "review"


class FileNotFound(NotFound):
    """There is no such file."""


class FileLinkLapsed(NotFound):
    """This link has lapsed or leads nowhere; ask for the file once more."""


class UnsupportedFile(Invalid):
    """This is no JPEG, PNG, WebP, GIF, PDF or plain text, or it holds what is not taken."""

    pointer = "#/file"


class StorageQuotaExceeded(Conflict):
    """You have no room left for this file; delete some first."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it came: neither its name nor anything it says of itself is believed."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class File:
    """`links` is part of every link: those given before it was raised lead nowhere."""

    id: UUID
    user_id: UUID
    name: str
    media_type: FileType
    size: int
    state: FileState
    owner_kind: FileOwner | None
    owner_id: UUID | None
    position: int
    links: int
    created_at: datetime
    updated_at: datetime

    @property
    def key(self) -> str:
        return key_of(self.id)

    @property
    def is_picture(self) -> bool:
        return self.media_type is FileType.WEBP


@dataclass(frozen=True, slots=True)
class FileLink:
    """Leads to the content, for whoever has it, until it lapses."""

    file: File
    expires_at: datetime
    signature: str


class FileSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Whose files to list: those that can be seen."""

    sent_by: UUID


@dataclass(frozen=True, slots=True)
class FileUsage:
    count: int
    size: int


@dataclass(frozen=True, slots=True)
class FileQuota:
    """How many files one person may have here, and of how many bytes together."""

    count: int
    size: int

    def ensure_room(self, used: FileUsage, size: int) -> None:
        """Refuse with StorageQuotaExceeded unless one more of that size has room."""
        if used.count + 1 > self.count or used.size + size > self.size:
            raise StorageQuotaExceeded


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What the storage has under a key, and since when."""

    key: str
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class FileDropped(Message):
    """Nobody sees this file any more."""

    file_id: UUID


def key_of(file_id: UUID) -> str:
    """Return under which key the storage has a file: nothing of it is told by a client."""
    return f"{FOLDER}{file_id}"


def id_in(key: str) -> UUID | None:
    """Return which file a key is of; None for what no key of ours is."""
    try:
        return UUID(key.removeprefix(FOLDER))
    except ValueError:
        return None


def lapses(now: datetime) -> datetime:
    """Return when a link that is given now lapses: in fifteen to thirty minutes."""
    step = int(now.timestamp()) // LINK_STEP
    return datetime.fromtimestamp((step + 2) * LINK_STEP, UTC)


def signed(file: File, expires_at: datetime) -> str:
    """Return what the signature of a link is made over."""
    return f"{file.id}:{file.links}:{int(expires_at.timestamp())}"


def may_always_see(actor: Actor, file: File) -> bool:
    """Tell whether it is theirs; everybody else sees it through what it hangs on."""
    return file.user_id == actor.user_id
