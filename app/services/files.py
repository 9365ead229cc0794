"""Files that people send along: taken in, shown to whom they are for, thrown away."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import Signer, same
from app.core.database import Checkpoint
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.file_contents import is_picture
from app.domain.file_names import cleaned
from app.domain.files import (
    LARGEST_SIDE,
    LINK_PURPOSE,
    File,
    FileDropped,
    FileFilter,
    FileLink,
    FileLinkLapsed,
    FileNotFound,
    FileOwner,
    FileQuota,
    FileSort,
    FileState,
    FileType,
    SentFile,
    lapses,
    may_always_see,
    signed,
)
from app.integrations.documents.protocol import Documents
from app.integrations.imaging.protocol import Imaging
from app.integrations.storage.protocol import Storage
from app.repositories.files import FileRepository
from app.repositories.jobs import JobRepository

NOTHING: Final[Sequence[UUID]] = ()


class Sight(Protocol):
    """Knows of one kind of thing that files hang on who may see it."""

    async def may_see(self, actor: Actor, owner_id: UUID) -> bool: ...


class FileService:
    """A file has a row before it has content, and until that is gone.

    A file is seen by who sent it, and by those who may see what it hangs on, by the sight of its
    kind. What is shown of it is a link that lapses: whoever has that, has the content.
    """

    def __init__(
        self,
        files: FileRepository,
        jobs: JobRepository,
        storage: Storage,
        imaging: Imaging,
        documents: Documents,
        sights: Mapping[FileOwner, Sight],
        signer: Signer,
        checkpoint: Checkpoint,
        clock: Clock,
        *,
        quota: FileQuota,
    ) -> None:
        self.files = files
        self.jobs = jobs
        self.storage = storage
        self.imaging = imaging
        self.documents = documents
        self.sights = sights
        self.signer = signer
        self.checkpoint = checkpoint
        self.clock = clock
        self.quota = quota

    async def keep(self, actor: Actor, sent: SentFile) -> FileLink:
        """Take a file in, which hangs on nothing yet. Nothing may be locked.

        No transaction is open while it is looked into and stored. Refused with UnsupportedFile,
        as a picture is by `Imaging.fitted`, with StorageQuotaExceeded, and by the storage.
        """
        await self.checkpoint()
        content, media_type = await self._made(sent.content)
        file = self._begun(actor, cleaned(sent.name, media_type), media_type, len(content))
        await self._add(file)
        await self.checkpoint()
        await self.storage.put({file.key: content})
        if not await self.files.make_ready(file.id, now=self.clock()):  # erased meanwhile
            await self.checkpoint()
            await self.storage.delete([file.key])
            raise FileNotFound
        return self.link(replace(file, state=FileState.READY))

    async def get(self, actor: Actor, file_id: UUID) -> FileLink:
        """Return a link to a file; refuse with FileNotFound where they may not see it."""
        file = await self.files.get(file_id)
        if file is None or not await self._may_see(actor, file):
            raise FileNotFound
        return self.link(file)

    async def delete(self, actor: Actor, file_id: UUID) -> None:
        """Delete a file of one's own, be it attached or not."""
        if not await self.files.drop(file_id, user_id=actor.user_id, now=self.clock()):
            raise FileNotFound
        await self.jobs.announce(FileDropped(file_id))

    async def attach(
        self, actor: Actor, file_ids: Sequence[UUID], kind: FileOwner, owner_id: UUID
    ) -> list[File]:
        """Hang these files, all different, on what is theirs, in this order.

        Refused with FileNotFound where one is another's, hangs elsewhere, or isn't there. Those
        that hang there already may be named again.
        """
        if not file_ids:
            return []
        found = await self.files.attach(
            file_ids, user_id=actor.user_id, kind=kind, owner_id=owner_id, now=self.clock()
        )
        if len(found) != len(file_ids):
            raise FileNotFound
        return sorted(found, key=lambda file: file.position)

    async def of(self, kind: FileOwner, owner_ids: Sequence[UUID]) -> dict[UUID, list[FileLink]]:
        """Return links to all that hangs on these, in their order, by what they hang on.

        To be asked for what the reader may see: no sight is asked.
        """
        found: defaultdict[UUID, list[FileLink]] = defaultdict(list)
        for file in await self.files.of(kind, owner_ids) if owner_ids else ():
            assert file.owner_id is not None
            found[file.owner_id].append(self.link(file))
        return found

    async def drop_of(
        self, kind: FileOwner, owner_id: UUID, *, keep: Sequence[UUID] = NOTHING
    ) -> None:
        """Throw away what hangs there, save these: it goes, or its files were changed."""
        for file_id in await self.files.drop_of(kind, owner_id, keep=keep, now=self.clock()):
            await self.jobs.announce(FileDropped(file_id))

    async def revoke_links(self, kind: FileOwner, owner_id: UUID) -> None:
        """Let no link that was given to what hangs there lead anywhere any more."""
        await self.files.revoke_links(kind, owner_id)

    async def followed(self, file_id: UUID, *, expires: int, signature: str) -> File:
        """Return the file a link leads to; refuse with FileLinkLapsed."""
        if expires <= self.clock().timestamp():
            raise FileLinkLapsed
        file = await self.files.get(file_id)
        if file is None:
            raise FileLinkLapsed
        if not same(self._signature(file, datetime.fromtimestamp(expires, UTC)), signature):
            raise FileLinkLapsed
        return file

    async def content(self, file: File) -> bytes:
        """Return what is in a file that was `followed`; no statement is run."""
        content = await self.storage.get(file.key)
        if content is None:  # dropped this very moment
            raise FileLinkLapsed
        return content

    async def list(self, actor: Actor, request: PageRequest[FileSort]) -> Page[FileLink]:
        """Return those that somebody sent, wherever they hang, each with a link."""
        page = await self.files.matching(FileFilter(sent_by=actor.user_id), request)
        return Page([self.link(file) for file in page.items], page.next_cursor, page.total)

    def link(self, file: File) -> FileLink:
        expires_at = lapses(self.clock())
        return FileLink(file, expires_at, self._signature(file, expires_at))

    async def _may_see(self, actor: Actor, file: File) -> bool:
        if may_always_see(actor, file):
            return True
        if file.owner_kind is None or file.owner_id is None:
            return False
        sight = self.sights.get(file.owner_kind)
        return sight is not None and await sight.may_see(actor, file.owner_id)

    async def _made(self, content: bytes) -> tuple[bytes, FileType]:
        """Return what is kept of a file, and what that is."""
        if is_picture(content):
            (made,) = await self.imaging.fitted(content, [LARGEST_SIDE])
            return made, FileType.WEBP
        return content, await self.documents.examine(content)

    def _begun(self, actor: Actor, name: str, media_type: FileType, size: int) -> File:
        now = self.clock()
        return File(
            id=new_id(),
            user_id=actor.user_id,
            name=name,
            media_type=media_type,
            size=size,
            state=FileState.PENDING,
            owner_kind=None,
            owner_id=None,
            position=0,
            links=0,
            created_at=now,
            updated_at=now,
        )

    async def _add(self, file: File) -> None:
        """Add its row while nobody else counts theirs; refuse with StorageQuotaExceeded."""
        await self.files.lock_uploads(file.user_id)
        self.quota.ensure_room(await self.files.used(file.user_id), file.size)
        await self.files.add(file)

    def _signature(self, file: File, expires_at: datetime) -> str:
        return self.signer.digest(LINK_PURPOSE, signed(file, expires_at)).hex()
