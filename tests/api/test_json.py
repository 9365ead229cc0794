"""JSON as it must be (RFC 8259), and what is refused before a schema sees it."""

import gzip
from contextlib import suppress

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st

from app.api.json import DEEPEST, WIDEST, parsed
from app.core.errors import AppError

OPEN = "/api/v1/echoes/open"
FORM = "/api/v1/echoes/form"
PLAIN = {"Content-Type": "application/json"}


def nested(levels: int) -> bytes:
    return b'{"text": "a", "extra": ' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'text': 'a'}",
        b'{"text": "a",}',
        b'{"text": "a"} {}',
        b'{"text": NaN}',
        b'{"text": -Infinity}',
        b'{"count": 1e400}',
        b'{"count": ' + b"9" * 5000 + b"}",
        b'{"text": "a", "text": "b"}',
        b'{"text": "a", "extra": {"b": 1, "b": 1}}',
        b'{"text": "\x00"}',
        b'{"text": "\xff"}',
        b'{"text": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf" + b'{"text": "a"}',
        '{"text": "a"}'.encode("utf-16"),
        '{"text": "a"}'.encode("utf-32-le"),
        b"[" * 100_000,
        b" ",
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_what_is_no_json_is_a_400(http, body):
    response = await http.post(OPEN, content=body, headers=PLAIN)

    assert (response.status_code, response.json()["code"]) == (400, "malformed-json")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (b"", "#", "missing"),
        (b"null", "#", "model-attributes-type"),
        (b"[]", "#", "model-attributes-type"),
        (b'"text"', "#", "model-attributes-type"),
        (b"7", "#", "model-attributes-type"),
        (b"{}", "#/text", "missing"),
        (b'{"text": null}', "#/text", "string-type"),
        (b'{"text": 7}', "#/text", "string-type"),
        (b'{"text": "\\u0000"}', "#/text", "string-unicode"),
        (b'{"text": "\\ud800"}', "#/text", "string-unicode"),
        (b'{"text": "a\\u0007b"}', "#/text", "value-error"),
        (b'{"text": "   "}', "#/text", "string-too-short"),
        (b'{"text": "a", "count": "1"}', "#/count", "int-type"),
        (b'{"text": "a", "count": true}', "#/count", "int-type"),
        (b'{"text": "a", "count": 1.0}', "#/count", "int-type"),
        (b'{"text": "a", "count": 9223372036854775808}', "#/count", "less-than-equal"),
        (b'{"text": "a", "loud": 1}', "#/loud", "bool-type"),
        (b'{"text": "a", "loud": "yes"}', "#/loud", "bool-type"),
        (b'{"text": "a", "colour": 1}', "#/colour", "extra-forbidden"),
        (b'{"text": "a", "at": "2030-01-31T09:00:00"}', "#/at", "timezone-aware"),
        (b'{"text": "a", "at": "2030-01-31"}', "#/at", "value-error"),
        (b'{"text": "a", "at": 1900000000}', "#/at", "value-error"),
        (b'{"text": "a", "at": "1900000000.000000"}', "#/at", "value-error"),
        (b'{"text": "a", "at": "0001-01-01T00:00:00+14:00"}', "#/at", "value-error"),
        (b'{"text": "a", "at": "9999-12-31T23:59:59-14:00"}', "#/at", "value-error"),
        (b'{"text": "a", "at": "2030-02-30T09:00:00Z"}', "#/at", "datetime-from-date-parsing"),
        (b'{"text": "a", "zone": "Mars/Olympus"}', "#/zone", "value-error"),
        (b'{"text": "a", "zone": "../../etc/passwd"}', "#/zone", "value-error"),
        (b'{"text": "a", "price": {"amount": 1.5, "currency": "EUR"}}', "#/price/amount", None),
        (b'{"text": "a", "price": {"amount": -1, "currency": "EUR"}}', "#/price/amount", None),
        (b'{"text": "a", "price": {"amount": 1, "currency": "XX1"}}', "#/price/currency", None),
        (nested(DEEPEST), "#/extra" + "/a" * (DEEPEST - 1), "too-deep"),
        (nested(500), "#/extra" + "/a" * (DEEPEST - 1), "too-deep"),
        (
            b'{"text": "a", "extra": {'
            + b",".join(b'"%d": 1' % number for number in range(WIDEST + 1))
            + b"}}",
            "#/extra",
            "too-many-fields",
        ),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_what_is_json_and_still_not_right_is_a_422(http, body, pointer, code):
    response = await http.post(OPEN, content=body, headers=PLAIN)

    assert response.status_code == 422, response.text
    (told,) = response.json()["errors"]
    assert told["pointer"] == pointer
    assert code is None or told["code"] == code


async def test_text_is_brought_to_one_form(http):
    response = await http.post(OPEN, json={"text": "  cafe\u0301 😀 "})

    assert response.json()["text"] == "café 😀"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": ""},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "br"},
    ],
    ids=str,
)
async def test_a_body_of_another_kind_is_a_415(http, headers):
    response = await http.post(OPEN, content=b'{"text": "a"}', headers=headers)

    assert (response.status_code, response.json()["code"]) == (415, "unsupported-media-type")


async def test_a_compressed_body_is_a_415_before_it_is_unpacked(http):
    bomb = gzip.compress(b" " * 10_000_000)

    response = await http.post(OPEN, content=bomb, headers={**PLAIN, "Content-Encoding": "gzip"})

    assert response.status_code == 415


@pytest.mark.parametrize(
    "kind", ["application/json;charset=UTF-8", "APPLICATION/JSON", "application/merge-patch+json"]
)
async def test_json_by_another_name_is_json(http, kind):
    response = await http.post(OPEN, content=b'{"text": "a"}', headers={"Content-Type": kind})

    assert response.status_code == 200


async def test_a_form_is_read_as_strictly(http):
    good = await http.post(FORM, data={"text": "a"})
    refused = [
        await http.post(FORM, json={"text": "a"}),
        await http.post(FORM, data={"text": "a"}, headers={"Content-Encoding": "gzip"}),
        await http.post(FORM, content=b"x", headers={"Content-Type": "multipart/form-data"}),
        await http.post(FORM, data={"text": "a" * 21}),
        await http.post(FORM, data={"text": "a", "colour": "red"}),
        await http.post(FORM, data={"text": ["a", "b"]}),
        await http.post(FORM, content=b"text=%00", headers={"Content-Type": FORM_TYPE}),
        await http.post(FORM, content=b"text=%ff", headers={"Content-Type": FORM_TYPE}),
    ]

    assert good.status_code == 200
    assert [r.status_code for r in refused] == [415, 415, 400, 422, 422, 400, 400, 400]


FORM_TYPE = "application/x-www-form-urlencoded"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: repr(value).encode("utf-8", "replace")))
def test_any_bytes_are_parsed_or_refused(body):
    with suppress(AppError, RequestValidationError):
        parsed(body)
