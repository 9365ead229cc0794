"""What happens after nobody sees a file any more."""

from app.bootstrap import Services
from app.domain.files import FileDropped
from app.tasks.registry import handles


@handles(FileDropped)
async def drop_file(message: FileDropped, services: Services) -> None:
    await services.file_sweeps.drop([message.file_id])
