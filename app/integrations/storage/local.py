"""Files in a folder of this machine."""

from pathlib import Path

from obstore.store import LocalStore, ObjectStore

from app.integrations.storage.objects import ObjectStorage


class LocalStorage(ObjectStorage):
    """A folder that several processes of one machine may share, readable by their user alone."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def _open(self) -> ObjectStore:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(self._folder)
