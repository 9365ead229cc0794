"""What a file is, by its first bytes; and what no text of ours holds."""

import re
from typing import Final

from app.domain.files import UnsupportedFile

PDF: Final = b"%PDF-"
PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
WEBP: Final = re.compile(rb"RIFF....WEBP", re.DOTALL)
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
# What a browser or a shell would take for something to run, were it told to look.
MARKUP: Final = re.compile(
    r"<\s*(?:!doctype|\?xml|\?php|html|head|body|script|svg|iframe|frame|object|embed|img|link|"
    r"meta|style|base|form|math|xsl:)",
    re.IGNORECASE,
)
PROGRAM: Final = re.compile(r"\s*(?:#!|%!PS|\{\\rtf|@echo\b)", re.IGNORECASE)
# What every scanner for viruses must find, so that one can see whether it is there.
TEST_VIRUS: Final = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


def is_picture(content: bytes) -> bool:
    """Tell whether it claims to be a picture; whether it is, decoding it will tell."""
    return content.startswith(PICTURES) or WEBP.match(content) is not None


def is_pdf(content: bytes) -> bool:
    return content.startswith(PDF)


def ensure_plain_text(content: bytes) -> None:
    """Refuse with UnsupportedFile what is no text in UTF-8, or more than text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnsupportedFile from error
    if not text.strip() or CONTROLS.search(text):
        raise UnsupportedFile
    if MARKUP.search(text) or PROGRAM.match(text) or TEST_VIRUS in text:
        raise UnsupportedFile
