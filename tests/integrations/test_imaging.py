"""What becomes of a picture: what is seen in it, and nothing else."""

import struct
import time
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from app.domain.images import ImageTooLarge, UnreadableImage
from app.integrations.imaging import pillow
from app.integrations.imaging.pillow import PillowImaging
from tests.factories.images import (
    SECRET,
    bomb,
    chunk,
    opened,
    picture,
    png,
    saved,
    telling,
    thousand_scans,
)

KINDS = ("JPEG", "PNG", "WEBP", "GIF")


@pytest.fixture(scope="module")
def imaging():
    imaging = PillowImaging()
    yield imaging
    imaging.close()


def made(content: bytes, side: int = 1024) -> Image.Image:
    return opened(pillow._fitted(content, [side])[0])


def near(pixel, wanted, by: int = 16) -> bool:
    return all(abs(one - other) <= by for one, other in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_picture_comes_back_as_webp_in_each_size(imaging, kind):
    found = await imaging.fitted(picture(kind, size=(2000, 1000)), [64, 256, 1024])

    images = [opened(content) for content in found]
    assert [image.format for image in images] == ["WEBP"] * 3
    assert [image.size for image in images] == [(64, 32), (256, 128), (1024, 512)]
    for image in images:
        assert near(image.getpixel((2, 2)), (255, 255, 255))
        assert near(image.getpixel((image.width - 3, image.height - 3)), (0, 0, 0))


@pytest.mark.parametrize(
    ("size", "becomes"),
    [
        ((1, 1), (1, 1)),
        ((40, 30), (40, 30)),
        ((256, 256), (256, 256)),
        ((257, 256), (256, 255)),
        ((10_000, 1), (256, 1)),
        ((1, 10_000), (1, 256)),
        ((3, 300), (3, 256)),
    ],
)
def test_it_fits_into_the_square_and_is_never_made_larger(size, becomes):
    assert made(picture("PNG", size=size), 256).size == becomes


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "white"), [(1, 0), (2, 1), (3, 3), (4, 2), (5, 0), (6, 1), (7, 3), (8, 2)]
)
def test_it_stands_upright_however_the_camera_was_held(kind, orientation, white):
    exif = Image.Exif()
    exif[0x0112] = orientation

    image = made(picture(kind, size=(80, 40), exif=exif))

    assert image.size == ((80, 40) if orientation < 5 else (40, 80))
    x, y = image.width // 4, image.height // 4
    corners = [(x, y), (3 * x, y), (x, 3 * y), (3 * x, 3 * y)]
    assert [near(image.getpixel(at), (255, 255, 255)) for at in corners].index(True) == white


def test_nothing_but_the_pixels_is_left_of_it():
    sent = telling()
    assert sent.count(SECRET) >= 6

    for content in pillow._fitted(sent, [64, 256, 1024]):
        assert SECRET not in content
        image = opened(content)
        assert not image.info.keys() & {"exif", "xmp", "icc_profile", "comment"}
        assert not image.getexif()
        assert set(_chunks(content)) <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_what_other_formats_tell_is_gone_too(kind):
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    options = {"exif": exif, "comment": SECRET, "xmp": SECRET}
    sent = picture(kind, **options) + SECRET
    if kind == "PNG":
        text = chunk(b"tEXt", b"Author\0" + SECRET) + chunk(b"prVt", SECRET)
        sent = sent[:33] + text + sent[33:]

    (content,) = pillow._fitted(sent, [64])

    assert SECRET in sent
    assert SECRET not in content


def _chunks(content: bytes):
    """Yield what a WebP is made of, and see that nothing follows (RFC 9649, 2)."""
    assert struct.unpack("<I", content[4:8])[0] + 8 == len(content)
    place = 12
    while place < len(content):
        size = struct.unpack("<I", content[place + 4 : place + 8])[0]
        yield content[place : place + 4]
        place += 8 + size + size % 2
    assert place == len(content)


def test_colours_of_another_space_are_what_they_were_seen_as():
    """A profile whose red is blue and whose blue is red, made of that of sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    for mode, colour in (("RGB", (255, 0, 0)), ("RGBA", (255, 0, 0, 128))):
        sent = saved(Image.new(mode, (8, 8), colour), "PNG", icc_profile=bytes(profile))

        pixel = made(sent).getpixel((4, 4))

        assert near(pixel[:3], (0, 0, 255), 24)
        assert pixel[3:] == colour[3:]


@pytest.mark.parametrize("profile", [b"x", bytes(200), b"\xff" * 5000])
def test_a_broken_colour_profile_is_passed_over_and_not_passed_on(profile):
    sent = saved(Image.new("RGB", (8, 8), (255, 0, 0)), "PNG", icc_profile=profile)

    image = made(sent)
    assert near(image.getpixel((4, 4)), (255, 0, 0))
    assert "icc_profile" not in image.info


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_broken_note_of_how_the_camera_was_held_is_passed_over():
    for broken in (b"Exif\0\0", b"Exif\0\0MM\0*\0\0\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"):
        assert made(picture(exif=broken)).size == (40, 30)


@pytest.mark.parametrize(
    ("sent", "mode", "pixel"),
    [
        (picture("JPEG", mode="CMYK"), "RGB", (0, 0, 0)),
        (picture("JPEG", mode="L"), "RGB", (255, 255, 255)),
        (picture("PNG", mode="1"), "RGB", (255, 255, 255)),
        (picture("PNG", mode="LA"), "RGBA", (255, 255, 255, 255)),
        (saved(Image.new("I;16", (40, 30), 0x8000), "PNG"), "RGB", (128, 128, 128)),
        (saved(Image.new("RGBA", (40, 30), (9, 200, 9, 77)), "PNG"), "RGBA", (9, 200, 9, 77)),
        (saved(Image.new("RGBA", (40, 30), (9, 200, 9, 77)), "WEBP"), "RGBA", (9, 200, 9, 77)),
    ],
    ids=["cmyk", "grey", "bits", "grey-alpha", "16-bit", "alpha", "webp-alpha"],
)
def test_every_way_to_write_a_colour_is_understood(sent, mode, pixel):
    image = made(sent)

    assert image.mode == mode
    assert near(image.getpixel((4, 4)), pixel)


def test_a_palette_may_be_transparent():
    image = Image.new("P", (40, 30), 0)
    image.putpalette([200, 0, 0, 0, 200, 0])
    image.paste(1, (0, 0, 20, 30))
    for kind, transparency in (("PNG", bytes([0, 128])), ("GIF", 0)):
        found = made(saved(image, kind, transparency=transparency))

        assert found.mode == "RGBA"
        assert found.getpixel((30, 15))[3] == 0
        assert near(found.getpixel((8, 15))[:3], (0, 200, 0))
        assert found.getpixel((8, 15))[3] == (128 if kind == "PNG" else 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_what_moves_the_first_frame_is_taken(kind):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("lime", "red", "blue")]
    sent = saved(frames[0], kind, save_all=True, append_images=frames[1:])

    found = made(sent)

    assert getattr(found, "n_frames", 1) == 1
    assert near(found.getpixel((9, 9)), (0, 255, 0))


NO_PICTURES = {
    "nothing": b"",
    "text": b"Hello",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n" + picture(),
    "zip": b"PK\x03\x04" + picture(),
    "elf": b"\x7fELF" + bytes(100),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "space before": b"\n" + picture(),
    "bmp": saved(Image.new("RGB", (9, 9)), "BMP"),
    "tiff": saved(Image.new("RGB", (9, 9)), "TIFF"),
    "ico": saved(Image.new("RGB", (16, 16)), "ICO"),
    "jpeg 2000": saved(Image.new("RGB", (9, 9)), "JPEG2000"),
    "avif": saved(Image.new("RGB", (9, 9)), "AVIF"),
    "head of a jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "head of a gif": b"GIF89a/*",
    "head of a png": b"\x89PNG\r\n\x1a\n<?php",
    "head of a webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    "png of no size": png(0, 9, chunk(b"IDAT", zlib.compress(b""))),
    "png without pixels": png(9, 9),
    "text that unpacks to 100 MB": png(
        9, 9, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000)))
    ),
}


@pytest.mark.parametrize("sent", NO_PICTURES.values(), ids=NO_PICTURES)
async def test_what_is_no_picture_is_refused_whatever_its_head_says(imaging, sent):
    with pytest.raises(UnreadableImage):
        await imaging.fitted(sent, [64])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.02, 0.3, 0.5, 0.9])
def test_what_is_cut_off_is_refused(kind, part):
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    sent = saved(noise, kind)

    with pytest.raises(UnreadableImage):
        made(sent[: int(len(sent) * part)])


@pytest.mark.parametrize(
    ("width", "height"), [(13_000, 13_000), (10_001, 1), (1, 10_001), (8000, 5001)]
)
def test_what_is_too_large_is_refused_before_it_is_decoded(width, height):
    packed = zlib.compress(b"")  # were it decoded, it would be a damaged one

    with pytest.raises(ImageTooLarge):
        made(png(width, height, chunk(b"IDAT", packed)))


def test_a_bomb_is_refused_in_no_time():
    sent = bomb()
    assert len(sent) < 400_000

    started = time.process_time()
    with pytest.raises(ImageTooLarge):
        made(sent)

    assert time.process_time() - started < 0.1


def test_a_jpeg_is_not_gone_over_a_thousand_times():
    sent = thousand_scans()
    with Image.open(BytesIO(sent)) as image:
        image.load()  # to Pillow there is nothing wrong with it

    with pytest.raises(UnreadableImage):
        made(sent)


@pytest.mark.parametrize("progressive", [False, True])
def test_control_an_honest_jpeg_has_few_scans(progressive):
    noise = Image.effect_noise((300, 300), 80).convert("RGB")

    made(saved(noise, "JPEG", progressive=progressive, quality=95))


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_changed_in_a_picture_it_is_read_or_refused(kind):
    sent = picture(kind, size=(17, 13))
    places = st.lists(st.tuples(st.integers(0, len(sent) - 1), st.integers(0, 255)), max_size=8)

    @settings(max_examples=60)
    @given(places, st.integers(0, 40))
    def change(changes: list[tuple[int, int]], cut: int) -> None:
        broken = bytearray(sent)
        for place, value in changes:
            broken[place] = value
        with suppress(UnreadableImage, ImageTooLarge):
            pillow._fitted(bytes(broken[: len(broken) - cut]), [64])

    change()
