"""Files that people send along, and who sees them."""

from collections.abc import Mapping
from functools import cached_property

from app.bootstrap.platform import PlatformServices
from app.domain.files import FileOwner, FileQuota
from app.repositories.files import FileRepository
from app.repositories.jobs import JobRepository
from app.services.file_sweeps import FileSweepService
from app.services.files import FileService, Sight

MEGABYTE = 1 << 20


class FileServices(PlatformServices):
    """Each kind of thing that files hang on has a sight here."""

    @cached_property
    def files(self) -> FileService:
        settings = self._adapters.settings
        return FileService(
            FileRepository(self._connection),
            JobRepository(self._connection),
            self._adapters.storage,
            self._adapters.imaging,
            self._adapters.documents,
            self._file_sights,
            self._adapters.signer,
            self._checkpoint,
            self._adapters.clock,
            quota=FileQuota(settings.files_per_user, settings.file_megabytes_per_user * MEGABYTE),
        )

    @cached_property
    def file_sweeps(self) -> FileSweepService:
        return FileSweepService(
            FileRepository(self._connection),
            self._adapters.storage,
            self._checkpoint,
            self._adapters.clock,
        )

    @property
    def _file_sights(self) -> Mapping[FileOwner, Sight]:
        return {}
