"""Names are found in texts however they are written, and nothing else is."""

from dataclasses import replace

import pytest

from app.core.i18n import Locale
from app.domain.privacy import ERASED, OwnOffering, Traces, erased_email
from app.domain.users import Registration, provider_of, registered
from tests.factories.clock import NOW

ADA = replace(
    registered(
        Registration(email="ada.l@example.com", password="", locale=Locale.EN),
        password_hash="",
        now=NOW,
    ),
    full_name="Ада O'Hara-Li Jr",
    username="ada",
    phone="+12025550143",
)
PAGE = replace(provider_of(ADA), name="Salon (Ada & Co)")
TRACES = Traces.of(ADA, PAGE, [ADA.email])


@pytest.mark.parametrize(
    "name",
    [
        "Ада O'Hara-Li Jr",
        "АДА  o'hara-li\njr",
        "ада",
        "O'Hara-Li",
        "ADA",
        "Ada.L@Example.com",
        "Salon (Ada & Co)",
        "+12025550143",
        "+1 (202) 555-0143",
        "1-202-555-0143",
        "202.555.0143",
        "0202 555 01 43",
    ],
)
def test_a_name_is_found_wherever_it_stands(name):
    for text in (name, f"By {name}, daily", f"«{name}»", f"_{name}_", f"{name}'s"):
        assert TRACES.out_of(text) == text.replace(name, ERASED)


@pytest.mark.parametrize(
    "text",
    [
        "Canada",
        "Adamant",
        "Granada 1",
        "Junior",
        "Salon",
        "92025550143",
        "20255501430",
        "2025550",
        "",
    ],
)
def test_what_only_looks_like_it_stays(text):
    assert TRACES.out_of(text) == text


def test_nobody_is_found_by_a_word_that_everybody_says():
    short = replace(ADA, full_name="Al De", username=None, phone=None)

    assert (
        Traces.of(short, None, []).out_of("De Luxe by al and Al De")
        == f"De Luxe by al and {ERASED}"
    )


def test_who_has_no_name_leaves_no_trace_but_the_address():
    nobody = replace(ADA, full_name=None, username=None, phone=None)

    assert Traces.of(nobody, None, [ADA.email]).out_of(f"Ask {ADA.email}") == f"Ask {ERASED}"
    assert Traces.of(nobody, None, []).out_of("Ask somebody") == "Ask somebody"


def test_a_service_loses_the_names_and_the_tags_that_are_names():
    offering = OwnOffering(ADA.id, "Cut by Ada", None, ["ada", "cut"])

    assert offering.without(TRACES) == OwnOffering(ADA.id, f"Cut by {ERASED}", None, ["cut"])
    assert offering.without(Traces.of(replace(ADA, username=None), None, [])) == offering


def test_an_erased_address_is_nobody_s_and_one_s_own():
    assert erased_email(ADA.id) == f"erased-{ADA.id}@erased.invalid"
