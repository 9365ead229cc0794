"""Refusals: their code and title follow from their name and docstring."""

from app.core.errors import AppError, Conflict, Invalid, NotFound


def test_code_and_title_follow_from_name_and_docstring():
    assert NotFound.code == "not-found"
    assert NotFound.title == "There is nothing here that you may see."
    assert str(NotFound()) == NotFound.title


def test_a_refusal_may_know_more_than_its_title():
    error = Conflict("It was sold a minute ago.", available=0)

    assert (error.detail, error.context) == ("It was sold a minute ago.", {"available": 0})
    assert error.title == Conflict.title


def test_what_was_written_before_a_refusal_goes_with_it_unless_said_otherwise():
    assert not AppError.keeps_changes
    assert Invalid.pointer == "#"
