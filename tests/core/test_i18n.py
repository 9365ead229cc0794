"""Languages: every sentence meant for people is there in each of them."""

import re
from datetime import timedelta
from string import Formatter

import pytest

from app.api.errors import CRASHED, INVALID, PROTOCOL, refusals
from app.core.i18n import (
    CATALOGUES,
    Locale,
    catalogue,
    counted,
    negotiated,
    told_lead,
    translate,
    translate_counted,
)
from tests.sentences import counted_sentences, sentences

OTHERS = [locale for locale in Locale if locale is not Locale.EN]


@pytest.mark.parametrize("locale", OTHERS)
def test_every_sentence_is_translated_and_no_translation_is_left_over(locale):
    translated, wanted = set(catalogue(locale)), set(sentences())

    assert wanted - translated == set(), "without a translation"
    assert translated - wanted == set(), "translated, but said nowhere"


@pytest.mark.parametrize("locale", OTHERS)
def test_a_translation_speaks_of_the_same_facts(locale):
    def facts(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for sentence, text in catalogue(locale).items():
        assert facts(sentence) == facts(text), sentence


@pytest.mark.parametrize("locale", OTHERS)
def test_a_translation_is_in_the_letters_of_its_language_and_ends_alike(locale):
    for sentence, text in catalogue(locale).items():
        assert re.search(r"[а-яіїєґ]", text), sentence
        assert (sentence[-1] in ".!?") == (text[-1] in ".!?"), sentence
    if locale is Locale.UK:
        assert not re.search(r"[ыэъё]", "".join(catalogue(locale).values()), re.IGNORECASE)


@pytest.mark.parametrize("locale", OTHERS)
def test_no_sentence_stands_twice_or_is_marked_as_unsure(locale):
    text = (CATALOGUES / locale / "LC_MESSAGES" / "messages.po").read_text()

    assert "#, fuzzy" not in text
    assert text.count("\nmsgid ") == len(catalogue(locale)) + len(counted(locale))


@pytest.mark.parametrize("locale", OTHERS)
def test_what_is_counted_has_every_form_of_its_language(locale):
    forms = counted(locale)

    assert set(forms) == set(counted_sentences())
    for each in forms.values():
        assert len({*each}) == 3
        assert all("{count}" in one for one in each)


@pytest.mark.parametrize(
    ("locale", "count", "said"),
    [
        (Locale.EN, 1, "1 seat is left"),
        (Locale.EN, 5, "5 seats are left"),
        (Locale.RU, 1, "Осталось 1 место"),
        (Locale.RU, 3, "Осталось 3 места"),
        (Locale.RU, 11, "Осталось 11 мест"),
        (Locale.RU, 21, "Осталось 21 место"),
        (Locale.UK, 2, "Залишилося 2 місця"),
        (Locale.UK, 100, "Залишилося 100 місць"),
    ],
)
def test_a_number_takes_the_form_of_the_language(locale, count, said):
    assert (
        translate_counted("{count} seat is left", "{count} seats are left", count, locale) == said
    )


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (30, "через 30 минут"),
        (90, "через 90 минут"),
        (120, "через 2 часа"),
        (1440, "через 24 часа"),
    ],
)
def test_how_soon_something_is_is_told_in_words(minutes, said):
    assert told_lead(timedelta(minutes=minutes), Locale.RU) == said


def test_the_titles_of_all_problems_are_among_the_sentences():
    titles = {title for _, title in (*PROTOCOL.values(), INVALID, CRASHED)}
    titles |= {refusal.title for refusal in refusals() if refusal.__module__.startswith("app.")}

    assert titles <= set(sentences())


def test_a_sentence_nobody_translated_stays_as_it_is():
    assert translate("Nobody said this.", Locale.UK) == "Nobody said this."
    assert translate("{count} of them.", Locale.EN, count=3) == "3 of them."


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("uk", "uk"),
        ("fr, ru;q=0.1", "ru"),
        ("*", "en"),
        ("ru;q=0", "en"),
        ("en-GB", "en"),
    ],
)
def test_the_language_that_is_wanted_most_and_known_is_taken(header, locale):
    assert negotiated(header) == locale
