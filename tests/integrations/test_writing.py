"""Letters from templates."""

import pytest
from jinja2 import UndefinedError

from app.core.i18n import Locale, catalogue
from app.integrations.writing.jinja import TEMPLATES, JinjaWriter

FACTS = {
    "amount": "€45.00",
    "attendee": "Grace Hopper",
    "at": "January 31, 2030, 9:00:00 AM +0000",
    "code": "012345",
    "link": "https://salon.example/verify-email?token=a.b",
    "new_email": "ada.new@example.com",
    "notice": "mfa_off",
    "place": "Main street 1, Riga",
    "provider": "Vera Barber",
    "seats": "2",
    "ticket_type": "Standard",
    "title": "Haircut",
    "until": "January 30, 2030, 9:00:00 AM +0000",
}
KINDS = sorted(path.stem for path in TEMPLATES.glob("*.txt"))


@pytest.fixture(scope="module")
def writer() -> JinjaWriter:
    return JinjaWriter()


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_written_in_every_language(writer, kind, locale):
    written = writer.write(kind, locale, **FACTS)

    assert written.subject
    assert "\n" not in written.subject
    for content in (written.text, written.html):
        assert FACTS["link"] in content
    assert f'lang="{locale}"' in written.html
    english = writer.write(kind, Locale.EN, **FACTS)
    assert (written == english) == (locale is Locale.EN)


@pytest.mark.parametrize("locale", [Locale.RU, Locale.UK])
@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_of_a_letter_stays_english(writer, kind, locale):
    said = [line.strip() for line in writer.write(kind, Locale.EN, **FACTS).text.splitlines()]

    sentences = {line for line in said if line and line not in (*FACTS.values(), "Banister")}
    assert sentences <= catalogue(locale).keys()


def test_a_letter_is_readable_as_text_and_wears_its_styles(writer):
    written = writer.write("verify_email", Locale.EN, **FACTS)

    assert "\n    012345\n" in written.text
    assert "<style" not in written.html
    assert '<p class="code" style="' in written.html


def test_what_comes_from_a_person_is_escaped_in_html_and_as_it_is_in_text(writer):
    evil = FACTS | {"code": "<script>alert('&')</script>{0.__class__}"}

    written = writer.write("verify_email", Locale.EN, **evil)

    assert "<script" not in written.html
    assert evil["code"] in written.text


def test_a_letter_that_lacks_a_fact_is_not_written(writer):
    with pytest.raises(UndefinedError):
        writer.write("verify_email", Locale.EN, link="x")


def test_every_kind_has_both_parts():
    html = {path.stem for path in TEMPLATES.glob("*.html")} - {"base"}
    assert html == set(KINDS)
