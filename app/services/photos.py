"""Pictures of people: taken in, shown, thrown away."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.errors import Unauthenticated
from app.core.ids import new_id
from app.domain.actors import Actor
from app.domain.photos import (
    SIDES,
    UNSEEN_FOR,
    Photo,
    PhotoDropped,
    PhotoNotFound,
    PhotoSize,
    key_of,
    keys_of,
)
from app.domain.users import Profile, UserStatus
from app.integrations.imaging.protocol import Imaging
from app.integrations.storage.protocol import Storage
from app.repositories.jobs import JobRepository
from app.repositories.photos import PhotoRepository

DROPPED_AT_ONCE: Final = 20


class PhotoService:
    """A photo has a row before it has files, and until they are gone: none is ever forgotten."""

    def __init__(
        self,
        photos: PhotoRepository,
        jobs: JobRepository,
        storage: Storage,
        imaging: Imaging,
        checkpoint: Checkpoint,
        clock: Clock,
    ) -> None:
        self.photos = photos
        self.jobs = jobs
        self.storage = storage
        self.imaging = imaging
        self.checkpoint = checkpoint
        self.clock = clock

    async def content(self, photo_id: UUID, size: PhotoSize) -> bytes:
        """Return a photo as WebP; whoever knows its id may see it."""
        content = await self.storage.get(key_of(photo_id, size))
        if content is None:
            raise PhotoNotFound
        return content

    async def keep(self, actor: Actor, sent: bytes) -> Photo:
        """Store a picture in all sizes, which nobody shows yet. Nothing may be locked.

        No transaction is open while it is decoded and stored. Refused as the picture is by
        `Imaging.fitted`, and by the storage.
        """
        await self.checkpoint()
        made = await self.imaging.fitted(sent, list(SIDES.values()))
        photo = Photo(new_id(), actor.user_id, self.clock())
        await self.photos.add(photo)
        await self.checkpoint()
        await self.storage.put(
            {key_of(photo.id, size): content for size, content in zip(SIDES, made, strict=True)}
        )
        return photo

    async def show(self, profile: Profile, photo: Photo) -> Profile:
        """Show a photo in the place of the one before. The profile must be locked."""
        if profile.user.status is not UserStatus.ACTIVE:  # since it was sent
            raise Unauthenticated
        return await self._change(profile, photo.id)

    async def take_down(self, profile: Profile) -> Profile:
        """Show no photo. The profile must be locked."""
        return profile if profile.user.photo_id is None else await self._change(profile, None)

    async def drop(self, photo_ids: Sequence[UUID]) -> None:
        """Delete these photos, save those that somebody shows."""
        await self._delete(await self.photos.unseen(photo_ids))

    async def drop_unseen(self) -> int:
        """Delete some photos that no account came to show; return how many."""
        before = self.clock() - UNSEEN_FOR
        found = await self.photos.unseen_since(before, most=DROPPED_AT_ONCE)
        await self._delete(found)
        return len(found)

    async def _change(self, profile: Profile, photo_id: UUID | None) -> Profile:
        user, now = profile.user, self.clock()
        await self.photos.show(user.id, photo_id, now=now)
        if user.photo_id is not None:
            await self.jobs.announce(PhotoDropped(user.photo_id))
        return replace(profile, user=replace(user, photo_id=photo_id, updated_at=now))

    async def _delete(self, photo_ids: Sequence[UUID]) -> None:
        if not photo_ids:
            return
        await self.checkpoint()
        await self.storage.delete([key for id_ in photo_ids for key in keys_of(id_)])
        await self.photos.forget(photo_ids)
