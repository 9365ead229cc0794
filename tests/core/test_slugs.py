"""Names as they can stand in an address."""

import pytest

from app.core.slugs import free_slug, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Hair", "hair"),
        ("  Hair & Beard  ", "hair-beard"),
        ("Men's haircut", "mens-haircut"),
        ("50% off!", "50-off"),
        ("Crème Brûlée", "creme-brulee"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Smørrebrød", "smorrebrod"),
        ("ﬁne", "fine"),
        ("Щётка и ножницы", "shchyotka-i-nozhnitsy"),
        ("Й й е\u0308", "y-y-yo"),
        ("Їжак, ґанок, Євген", "yizhak-ganok-yevgen"),
        ("объезд", "obezd"),
        ("美容", ""),
        ("---", ""),
        ("a_b/c.d", "a-b-c-d"),
    ],
)
def test_a_name_is_spelled_in_ascii(name, slug):
    assert slug_of(name) == slug


def test_a_slug_is_cut_and_never_ends_with_a_hyphen():
    assert slug_of("ab cd", longest=3) == "ab"


def test_a_taken_slug_is_numbered():
    assert free_slug("hair", {"beard"}) == "hair"
    assert free_slug("hair", {"hair"}) == "hair-2"
    assert free_slug("hair", {"hair", "hair-2", "hair-4"}) == "hair-3"
