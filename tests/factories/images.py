"""Pictures as people send them, and what they hide."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

SECRET = b"geheim"  # stands in everything that must not be told on


def picture(
    kind: str = "JPEG", *, mode: str = "RGB", size: tuple[int, int] = (40, 30), **options: Any
) -> bytes:
    """Return a picture whose upper left quarter is of one colour and whose rest of another."""
    image = Image.new(mode, size, 0)
    white = (255,) * len(image.getbands()) if len(image.getbands()) > 1 else 255
    image.paste(white, (0, 0, size[0] // 2, size[1] // 2))
    return saved(image, kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    made = BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def telling() -> bytes:
    """Return a JPEG that tells, in every way there is, where and by whom it was taken."""
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()  # who made the camera
    exif[0x0112] = 6  # it was held upright
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 29: SECRET.decode()})  # where
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = picture(exif=exif, xmp=xmp, comment=SECRET, icc_profile=profile + SECRET)
    return plain + b"PK\x03\x04" + SECRET + b"<script>" + SECRET + b"</script>"


def chunk(kind: bytes, content: bytes) -> bytes:
    checked = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checked


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG in shades of grey with nothing in it but what is given."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def bomb(width: int = 13_000, height: int = 13_000) -> bytes:
    """Return a PNG of a few kilobytes that is half a gigabyte once it is decoded."""
    packer = zlib.compressobj(9)
    line = bytes(width + 1)
    packed = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    return png(width, height, chunk(b"IDAT", packed))


def thousand_scans() -> bytes:
    """Return a JPEG that says of the same few pixels a thousand times what they are."""
    sent = picture(progressive=True)
    last = sent.rindex(b"\xff\xda")
    return sent[:last] + sent[last:-2] * 1000 + sent[-2:]
