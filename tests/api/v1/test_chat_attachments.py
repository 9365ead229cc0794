"""Files sent along: one's own, once, and seen by whoever sees the message."""

import pytest

from app.core.ids import new_id
from app.domain.roles import Role
from tests.factories.accounts import sign_in
from tests.factories.files import pdf
from tests.factories.partners import make_partners
from tests.factories.talks import history, open_talk, say


@pytest.fixture
async def partners(connection, adapters):
    return await make_partners(connection, adapters)


@pytest.fixture
async def talk(client, partners):
    return await open_talk(client, partners.customer, booking_id=str(partners.booking.id))


async def upload(client, headers, name="receipt.pdf"):
    sent = await client.post("/files", headers=headers, files={"file": (name, pdf())})
    assert sent.status_code == 201, sent.text
    return sent.json()["id"]


async def send(client, headers, talk, **body):
    return await client.post(f"/conversations/{talk['id']}/messages", headers=headers, json=body)


async def test_the_other_sees_what_was_sent_along(client, connection, adapters, partners, talk):
    files = [await upload(client, partners.customer) for _ in range(2)]
    stranger = await sign_in(connection, adapters, Role.SUPER_ADMIN)
    for headers in (partners.seller, stranger):
        assert (await client.get(f"/files/{files[0]}", headers=headers)).status_code == 404

    sent = await send(client, partners.customer, talk, attachments=files[::-1])

    assert (sent.status_code, sent.json()["text"]) == (201, None)
    assert (await history(client, partners.seller, talk))[0]["attachments"] == files[::-1]
    seen = await client.get(f"/files/{files[0]}", headers=partners.seller)
    assert seen.status_code == 200
    assert (await client.get(seen.json()["url"])).status_code == 200
    assert (await client.get(f"/files/{files[0]}", headers=stranger)).status_code == 404


async def test_with_the_message_its_files_are_gone(client, partners, talk):
    file = await upload(client, partners.customer)
    said = (await send(client, partners.customer, talk, text="Here", attachments=[file])).json()

    path = f"/conversations/{talk['id']}/messages/{said['id']}"
    assert (await client.delete(path, headers=partners.customer)).status_code == 204

    for headers in partners.both:
        assert (await client.get(f"/files/{file}", headers=headers)).status_code == 404
    assert (await history(client, partners.seller, talk))[0]["attachments"] == []


async def test_a_file_is_sent_once_and_by_who_it_is_of(client, partners, talk):
    mine, theirs = [await upload(client, headers) for headers in partners.both]
    await send(client, partners.customer, talk, text="Here", client_id="c-1", attachments=[mine])
    helpdesk = await open_talk(client, partners.customer, support=True)

    answers = [
        await send(client, partners.customer, talk, text="Yours", attachments=[theirs]),
        await send(client, partners.customer, talk, text="Again", attachments=[mine]),
        await send(client, partners.customer, helpdesk, text="There", attachments=[mine]),
        await send(client, partners.customer, talk, text="None", attachments=[str(new_id())]),
    ]
    resent = await send(
        client, partners.customer, talk, text="Here", client_id="c-1", attachments=[mine]
    )

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "file-not-found")}
    assert resent.status_code == 200
    assert [one["text"] for one in await history(client, partners.seller, talk)] == ["Here"]


@pytest.mark.parametrize(
    "attachments",
    [
        ["not an id"],
        [str(new_id())] * 2,
        [str(new_id()) for _ in range(11)],
        "../../etc/passwd",
        [{"id": 1}],
    ],
)
async def test_what_is_no_list_of_files_is_refused(client, partners, talk, attachments):
    refused = await send(client, partners.customer, talk, text="a", attachments=attachments)

    assert refused.status_code == 422


async def test_of_a_support_case_those_who_answer_see_the_files(
    client, connection, adapters, partners
):
    helpdesk = await open_talk(client, partners.customer, support=True)
    file = await upload(client, partners.customer)
    await send(client, partners.customer, helpdesk, attachments=[file])
    clerk = await sign_in(connection, adapters, Role.MANAGEMENT)
    await say(client, clerk, helpdesk, "Thank you")

    assert (await client.get(f"/files/{file}", headers=clerk)).status_code == 200
    assert (await client.get(f"/files/{file}", headers=partners.seller)).status_code == 404
