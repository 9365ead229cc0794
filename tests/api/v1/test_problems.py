"""Where the `type` of a problem leads."""

import pytest

from app.api import errors
from app.core.i18n import Locale, translate
from app.domain.bookings import SlotUnavailable


async def test_every_problem_has_a_page_for_programs_and_for_people(http):
    for code, (status, title) in errors.known().items():
        told = await http.get(f"/problems/{code}", headers={"Accept-Language": "en"})
        page = await http.get(f"/problems/{code}", headers={"Accept": "text/html,*/*;q=0.8"})

        assert told.json().items() >= {"code": code, "status": status, "title": title}.items()
        assert told.json()["detail"], code
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f"<code>{code}</code>" in page.text


async def test_a_page_speaks_the_readers_language_and_says_what_it_depends_on(http):
    page = await http.get(
        "/problems/slot-unavailable", headers={"Accept": "text/html", "Accept-Language": "uk"}
    )

    assert '<html lang="uk">' in page.text
    assert translate(SlotUnavailable.title, Locale.UK) in page.text
    assert page.headers["Vary"].startswith("Accept, Accept-Language")
    assert page.headers["Content-Language"] == "uk"


@pytest.mark.parametrize("code", ["nothing", "<script>", "Slot_Unavailable", "a" * 65, "%00"])
async def test_a_problem_nobody_knows_is_a_problem_itself(http, code):
    response = await http.get(f"/problems/{code}")

    assert response.status_code in (404, 422)
    assert response.json()["status"] == response.status_code
