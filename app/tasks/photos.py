"""What happens after somebody shows another photo, or none."""

from app.bootstrap import Services
from app.domain.photos import PhotoDropped
from app.tasks.registry import handles


@handles(PhotoDropped)
async def drop_photo(message: PhotoDropped, services: Services) -> None:
    await services.photos.drop([message.photo_id])
