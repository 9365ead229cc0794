"""What the application needs of documents, in its own words."""

from typing import Protocol

from app.domain.files import FileType


class Documents(Protocol):
    async def examine(self, content: bytes) -> FileType:
        """Return whether it is a PDF or plain text, both of which do nothing by themselves.

        UnsupportedFile for all else: other kinds, programs, markup, and a PDF that is damaged or
        encrypted, or that holds scripts, forms that run, or other files.
        """
        ...

    def close(self) -> None: ...
