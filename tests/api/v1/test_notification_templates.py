"""What people are told, to be looked at before anybody is."""

import pytest

from app.core.i18n import Locale
from app.domain.notifications import Channel, Kind
from app.domain.roles import Role
from tests.factories.accounts import sign_in

PATH = "/notification-templates"


@pytest.fixture
async def staff(connection, adapters):
    return await sign_in(connection, adapters, Role.MANAGEMENT)


async def preview(client, staff, kind, **params):
    answer = await client.get(f"{PATH}/{kind}/preview", headers=staff, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_all_there_is_to_tell_is_listed(client, staff):
    told = (await client.get(PATH, headers=staff)).json()["items"]

    assert [one["kind"] for one in told] == [str(kind) for kind in Kind]
    assert all(one["locales"] == ["en", "ru", "uk"] for one in told)


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("kind", Kind)
async def test_each_kind_can_be_seen_in_each_channel_and_language(client, staff, kind, channel):
    seen = [await preview(client, staff, kind, channel=channel, locale=locale) for locale in Locale]

    assert len({one["subject"] for one in seen}) == 3
    for one in seen:
        assert one["subject"]
        assert one["text"].strip()
        assert "\n" not in one["subject"]
        assert "None" not in one["text"] + (one["html"] or "")
        assert (one["html"] is not None) == (channel is Channel.EMAIL)


async def test_a_letter_reads_well_on_a_phone(client, staff):
    html = (await preview(client, staff, "booking_confirmed"))["html"]

    assert 'name="viewport"' in html
    assert "max-width: 480px" in html
    assert "<style>" not in html


@pytest.mark.parametrize(("kind", "stops"), [("reminder", True), ("security_notice", False)])
async def test_only_what_can_be_switched_off_says_how(client, staff, kind, stops):
    seen = await preview(client, staff, kind)

    assert ("/api/v1/unsubscribe/" in seen["html"]) is stops
    assert ("/api/v1/unsubscribe/" in seen["text"]) is stops


@pytest.mark.parametrize("wrong", ["pigeon/preview", "reminder/preview?channel=pigeon"])
async def test_what_there_is_not_is_refused(client, staff, wrong):
    assert (await client.get(f"{PATH}/{wrong}", headers=staff)).status_code == 422
