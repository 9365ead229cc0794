"""What a file is called."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.file_names import cleaned, disposition
from app.domain.files import FileType


@pytest.mark.parametrize(
    ("sent", "becomes"),
    [
        ("before.jpg", "before.webp"),
        ("../../etc/passwd", "passwd.webp"),
        ("..\\..\\boot.ini", "boot.webp"),
        ("C:\\Users\\me\\a b.png", "a b.webp"),
        ("a\x00b.png", "ab.webp"),
        ("line\r\nSet-Cookie: x.png", "line Set-Cookie_ x.webp"),
        ("CON", "_CON.webp"),
        ("nul.txt", "_nul.webp"),
        ("com1.tar.gz", "_com1.tar.webp"),
        (".htaccess", "htaccess.webp"),
        ("...", "file.webp"),
        ("", "file.webp"),
        ("photo\u202egpj.exe", "photogpj.webp"),
        ("zero\u200bwidth\ufeff.png", "zerowidth.webp"),
        ("a" * 5000 + ".png", "a" * 100 + ".webp"),
        ("Фото до.jpeg", "Фото до.webp"),
        ("cafe\u0301.png", "café.webp"),
        ('a"b<c>.png', "a_b_c_.webp"),
        ("shell.php", "shell.webp"),
        ("x.", "x.webp"),
    ],
)
def test_a_name_is_made_harmless(sent, becomes):
    assert cleaned(sent, FileType.WEBP) == becomes


@given(st.text(max_size=300), st.sampled_from(FileType))
def test_whatever_it_was_it_is_one_short_line_without_a_path(sent, media_type):
    name = cleaned(sent, media_type)

    assert 0 < len(name) <= 120
    assert name.isprintable() or " " in name
    assert not set(name) & set('/\\<>:"|?*%\r\n\0')
    assert cleaned(name, media_type) == name


@given(st.text(max_size=300))
def test_a_header_stays_one_header_in_ascii(sent):
    header = disposition(cleaned(sent, FileType.PDF), FileType.PDF)

    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9 ._()-]+\"; filename\*=UTF-8''[A-Za-z0-9%._~-]+", header
    )


def test_pictures_are_shown_and_all_else_is_saved():
    assert disposition("a.webp", FileType.WEBP).startswith("inline;")
    assert disposition("a.pdf", FileType.PDF).startswith("attachment;")
    assert disposition("a.txt", FileType.TEXT).startswith("attachment;")
    assert disposition("да.pdf", FileType.PDF).endswith("filename*=UTF-8''%D0%B4%D0%B0.pdf")
