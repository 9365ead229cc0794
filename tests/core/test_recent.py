"""What a process remembers."""

from app.core.recent import Recent


def test_the_newest_are_kept_and_the_oldest_forgotten_first():
    recent = Recent[int, str](most=2)
    for number in range(4):
        recent.keep(number, str(number))

    assert [recent.get(number) for number in range(4)] == [None, None, "2", "3"]


def test_what_is_kept_again_is_new_again():
    recent = Recent[int, str](most=2)
    for number in (1, 2, 1, 3):
        recent.keep(number, str(number))

    assert (recent.get(1), recent.get(2), recent.get(3)) == ("1", None, "3")


def test_a_value_takes_the_place_of_the_one_before():
    recent = Recent[int, str](most=1)
    recent.keep(1, "old")
    recent.keep(1, "new")

    assert recent.get(1) == "new"


def test_what_is_forgotten_is_gone_and_may_be_forgotten_again():
    recent = Recent[int, str](most=1)
    recent.keep(1, "one")
    recent.forget(1)
    recent.forget(1)

    assert recent.get(1) is None
