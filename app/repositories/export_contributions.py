"""What one person is told of all that they contributed: files."""

from typing import Final

from app.domain.files import FileState
from app.models import Files
from app.repositories.export_sections import USER, Section

SECTIONS: Final[dict[str, Section]] = {
    "files": Section(
        Files.id,
        Files.name,
        Files.media_type,
        Files.size,
        Files.created_at,
        own=(Files.user_id == USER) & (Files.state == FileState.READY),
        by=[Files.id],
    ),
}
