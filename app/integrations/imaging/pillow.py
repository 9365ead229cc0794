"""Pictures, taken apart and made anew by Pillow."""

import asyncio
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Final

import structlog
from PIL import Image, ImageCms

from app.domain.images import LONGEST_SIDE, MOST_PIXELS, ImageTooLarge, UnreadableImage

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
THREADS: Final = 1  # while it is decoded, a WebP of 40 megapixels takes 600 MB
QUALITY: Final = 82
SCAN: Final = b"\xff\xda"
# A progressive picture comes in some ten scans. Each is work in proportion to its pixels, and an
# empty one of 40 megapixels takes a hundred bytes: 10 MiB of them would take an hour.
MOST_SCANS: Final = 64
ORIENTATION: Final = 0x0112
UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SCALABLE: Final = ("L", "LA", "RGB", "RGBA", "CMYK")
"""Modes whose neighbouring pixels can be mixed; others are first made one of them."""
SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
log = structlog.get_logger("banister.imaging")

# Pillow knows bombs by itself: it warns of one, which would end in the log, or refuses it.
BOMBS: Final = (Image.DecompressionBombWarning, Image.DecompressionBombError)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # of broken metadata
warnings.simplefilter("error", Image.DecompressionBombWarning)


class PillowImaging:
    """Works in threads of its own, so that neither requests nor logins wait for a picture."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="imaging")

    async def fitted(self, content: bytes, sides: Sequence[int]) -> list[bytes]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _fitted, content, sides)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _fitted(content: bytes, sides: Sequence[int]) -> list[bytes]:
    try:
        picture = _decoded(content, max(sides))
    except (ImageTooLarge, *BOMBS) as error:
        raise ImageTooLarge from error
    except Exception as error:  # whatever Pillow's parsers trip over
        raise UnreadableImage from error
    return [_encoded(picture, side) for side in sides]


def _decoded(content: bytes, largest: int) -> Image.Image:
    """Return all that is seen of a picture, in RGB or RGBA, no larger than wanted."""
    with Image.open(BytesIO(content), formats=FORMATS) as image:
        _ensure_bounded(image, content)
        turn, profile = UPRIGHT.get(_orientation(image)), image.info.get("icc_profile")
        image.draft(None, (2 * largest, 2 * largest))  # a large JPEG is decoded at half its size
        image.load()
        picture = _plain(image)
    picture.thumbnail((largest, largest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture = _in_srgb(picture, profile)
    return picture if turn is None else picture.transpose(turn)


def _ensure_bounded(image: Image.Image, content: bytes) -> None:
    """Compare what the header says, before memory is taken for it."""
    width, height = image.size
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise ImageTooLarge
    if content.startswith(b"\xff\xd8") and content.count(SCAN) > MOST_SCANS:
        raise UnreadableImage


def _orientation(image: Image.Image) -> int:
    """Return how the camera was held (Exif 2.32, 4.6.4); a broken note of it says nothing."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """Return an image in a mode that can be scaled, with the transparency of its palette."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.point(lambda level: level * (1 / 256)).convert("L")
    if image.has_transparency_data and image.mode != "RGBA":
        return image.convert("RGBA")
    return image if image.mode in SCALABLE else image.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colours as every screen shows them; those of a broken profile as they stand."""
    mode = "RGBA" if picture.mode in ("LA", "RGBA") else "RGB"
    try:
        if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            picture = ImageCms.profileToProfile(picture, given, SRGB, outputMode=mode) or picture
    except Exception as error:
        log.info("colour profile passed over", kind=type(error).__name__)
    return picture.convert(mode)


def _encoded(picture: Image.Image, side: int) -> bytes:
    """Return the pixels alone; some versions of Pillow also write down what an image came with."""
    scaled = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    scaled.thumbnail((side, side), Image.Resampling.LANCZOS)
    made = BytesIO()
    scaled.save(made, "WEBP", quality=QUALITY)
    return made.getvalue()
