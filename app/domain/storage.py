"""The vocabulary of files that are kept."""

from app.core.errors import Unavailable


class StorageUnavailable(Unavailable):
    """The storage of files is not answering; try again in a moment."""
