"""Files as they are kept, and as people send them."""

import zlib
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.files import File, FileState, FileType
from app.models import Files
from app.repositories.base import values
from tests.factories.clock import NOW


async def make_file(connection: Connection, user_id: UUID, **changes: Any) -> File:
    """Make a row; nothing is stored."""
    made: dict[str, Any] = {
        "id": new_id(),
        "user_id": user_id,
        "name": "note.txt",
        "media_type": FileType.TEXT,
        "size": 10,
        "state": FileState.READY,
        "owner_kind": None,
        "owner_id": None,
        "position": 0,
        "links": 0,
        "created_at": NOW,
        "updated_at": NOW,
    }
    file = File(**{**made, **changes})
    await connection.run(Command(insert(Files).values(values(file))))
    return file


def pdf(*objects: bytes, catalog: bytes = b"<< /Type /Catalog /Pages 2 0 R >>") -> bytes:
    """Return a PDF of one empty page, with more objects in it."""
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>"
    made = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate((catalog, pages, page, *objects), 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    return (
        made
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        % (
            size,
            table,
            size,
        )
        + b"startxref\n%d\n%%%%EOF\n" % len(made)
    )


def packed(content: bytes, *, told: bytes = b"/Filter /FlateDecode") -> bytes:
    """Return an object in which others are packed away."""
    stream = zlib.compress(content)
    head = b"<< /Type /ObjStm /N 1 /First 4 /Length %d %s >>" % (len(stream), told)
    return head + b"\nstream\n" + stream + b"\nendstream"
