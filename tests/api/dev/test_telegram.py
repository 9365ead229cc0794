"""Playing the part of somebody with Telegram."""

from tests.conftest import client_of
from tests.factories.accounts import sign_in


async def test_a_link_can_be_opened_without_a_bot(client, doors, connection, adapters):
    me = await sign_in(connection, adapters)
    url = (await client.post("/telegram/link", headers=me)).json()["url"]
    text = f"/start {url.partition('?start=')[2]}"

    async with client_of(doors, base="") as site:
        answer = await site.post("/dev/telegram", params={"chat_id": 7, "text": text})

    assert answer.json()["method"] == "sendMessage"
    assert answer.json()["chat_id"] == 7
    assert (await client.get("/telegram/link", headers=me)).json()["linked"]
