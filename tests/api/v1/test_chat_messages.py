"""Writing, and reading what was written: once, in one order, and harmless."""

import pytest

from app.core.ids import new_id
from app.domain.limits import ALLOWED, Quota
from app.domain.permissions import Permission
from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.api_keys import make_api_key
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.limits import client_from
from tests.factories.talks import history, open_talk, say, unread


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def mine(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def theirs(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


@pytest.fixture
async def talk(client, connection, customer, provider, mine):
    offering = await make_offering(connection, provider)
    booking = await make_booking(connection, customer.id, offering, provider, starts_at=at(60))
    return await open_talk(client, mine, booking_id=str(booking.id))


async def send(client, headers, talk, **body):
    path = f"/conversations/{talk['id']}/messages"
    return await client.post(path, headers=headers, json=body)


async def edit(client, headers, message, text):
    path = f"/conversations/{message['conversation_id']}/messages/{message['id']}"
    return await client.patch(path, headers=headers, json={"text": text})


async def delete(client, headers, message):
    path = f"/conversations/{message['conversation_id']}/messages/{message['id']}"
    return await client.delete(path, headers=headers)


async def test_a_message_is_written_and_read(client, talk, mine, theirs, customer):
    sent = await send(client, mine, talk, text="  See you at ten. ", client_id="c-1")

    assert sent.status_code == 201
    assert sent.json() == {
        "id": sent.json()["id"],
        "conversation_id": talk["id"],
        "seq": 1,
        "sender_id": str(customer.id),
        "sender_role": "customer",
        "text": "See you at ten.",
        "client_id": "c-1",
        "attachments": [],
        "created_at": "2030-03-01T12:00:00Z",
        "edited_at": None,
        "deleted_at": None,
    }
    assert await history(client, theirs, talk) == [sent.json()]


async def test_sent_again_it_is_the_same_message(client, talk, mine, theirs):
    first = await send(client, mine, talk, text="Hello", client_id="c-1")
    again = await send(client, mine, talk, text="Hello", client_id="c-1")
    others = await send(client, theirs, talk, text="Hello", client_id="c-1")
    without = [await send(client, mine, talk, text="Hello") for _ in range(2)]

    assert (again.status_code, again.json()) == (200, first.json())
    assert [one.status_code for one in (first, others, *without)] == [201] * 4
    assert [one["seq"] for one in await history(client, mine, talk)] == [1, 2, 3, 4]
    assert await unread(client, theirs, talk) == 3


async def test_history_is_read_both_ways_and_from_a_place_on(client, talk, mine, theirs):
    for number in range(1, 8):
        await say(client, mine if number % 2 else theirs, talk, f"{number}")

    async def read(query):
        seqs, cursor = [], ""
        while cursor is not None:
            path = f"/conversations/{talk['id']}/messages?limit=3&{query}{cursor}"
            page = (await client.get(path, headers=mine)).json()
            seqs += [one["seq"] for one in page["items"]]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        return seqs

    assert await read("") == [7, 6, 5, 4, 3, 2, 1]
    assert await read("sort=seq") == [1, 2, 3, 4, 5, 6, 7]
    assert await read("sort=seq&after=3") == [4, 5, 6, 7]
    assert await read("before=3") == [2, 1]


async def test_a_cursor_of_another_conversation_is_none_of_this(client, connection, talk, mine):
    other = await open_talk(client, mine, support=True)
    for one in (talk, other):
        for number in range(3):
            await say(client, mine, one, f"{number}")
    path = f"/conversations/{talk['id']}/messages?limit=1"
    cursor = (await client.get(path, headers=mine)).json()["next_cursor"]

    path = f"/conversations/{other['id']}/messages?limit=1&cursor={cursor}"
    answer = await client.get(path, headers=mine)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")


async def test_own_words_are_changed_for_a_quarter_of_an_hour(client, talk, mine, theirs, clock):
    said = await say(client, mine, talk, "At nine", client_id="c-1")

    clock.forward(minutes=5)
    changed = await edit(client, mine, said, "At ten")
    same = await edit(client, mine, said, "At ten")
    by_them = await edit(client, theirs, said, "Never")
    clock.forward(minutes=11)
    late = await edit(client, mine, said, "At eleven")

    assert changed.json() == {**said, "text": "At ten", "edited_at": "2030-03-01T12:05:00Z"}
    assert same.json() == changed.json()
    assert (by_them.status_code, by_them.json()["code"]) == (403, "not-your-message")
    assert (late.status_code, late.json()["code"]) == (409, "too-late-to-edit")
    assert await history(client, theirs, talk) == [changed.json()]


async def test_words_taken_back_are_gone_and_their_place_stays(
    client, talk, mine, theirs, database
):
    said = [await say(client, mine, talk, text, client_id=text) for text in ("one", "two")]

    answers = [
        await delete(client, theirs, said[0]),
        await delete(client, mine, said[0]),
        await delete(client, mine, said[0]),
        await edit(client, mine, said[0], "three"),
    ]

    assert [one.status_code for one in answers] == [403, 204, 409, 409]
    first, second = await history(client, theirs, talk)
    assert first == {**said[0], "text": None, "deleted_at": "2030-03-01T12:00:00Z"}
    assert second == said[1]
    again = await send(client, mine, talk, text="one", client_id="one")
    assert (again.status_code, again.json()) == (200, first), "a resend brings nothing back"
    raw = await database._pool.acquire()
    assert await raw.fetchval("SELECT count(*) FROM chat_messages WHERE text = 'one'") == 0


async def test_others_find_nothing_here(client, connection, adapters, talk, mine):
    said = await say(client, mine, talk, "Between us")
    for role in (Role.CUSTOMER, Role.PROVIDER, Role.MANAGEMENT, Role.SUPER_ADMIN):
        stranger = await sign_in(connection, adapters, role)
        never = {**talk, "id": str(new_id())}
        for one in (talk, never):
            path = f"/conversations/{one['id']}"
            answers = [
                await client.get(path, headers=stranger),
                await client.get(f"{path}/messages", headers=stranger),
                await client.post(f"{path}/read", headers=stranger),
                await send(client, stranger, one, text="Let me in"),
                await edit(client, stranger, {**said, "conversation_id": one["id"]}, "Mine"),
                await delete(client, stranger, {**said, "conversation_id": one["id"]}),
            ]
            assert {(a.status_code, a.json()["code"]) for a in answers} == {
                (404, "conversation-not-found")
            }


async def test_a_message_is_of_its_conversation_alone(client, talk, mine):
    other = await open_talk(client, mine, support=True)
    said = await say(client, mine, talk, "Here")

    elsewhere = {**said, "conversation_id": other["id"]}
    answers = [await edit(client, mine, elsewhere, "There"), await delete(client, mine, elsewhere)]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (404, "chat-message-not-found")
    ] * 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("<b onload=x>&amp;", "<b onload=x>&amp;"),
        ("{{ 7 * 7 }} {% raw %} ${7*7} %(name)s", "{{ 7 * 7 }} {% raw %} ${7*7} %(name)s"),
        ("'; DROP TABLE users; --", "'; DROP TABLE users; --"),
        ("two\r\nlines\n\tand a tab", "two\nlines\n\tand a tab"),
        ("e\u0301", "\u00e9"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("\u2066a\u2069 \u202bb\u202c", "a b"),
        ("שלום \u200fעולם", "שלום \u200fעולם"),
        ("👩‍👩‍👧 👍🏽", "👩‍👩‍👧 👍🏽"),
        ("x" * 4000, "x" * 4000),
    ],
)
async def test_what_looks_dangerous_is_kept_as_harmless_words(
    client, talk, mine, theirs, text, shown
):
    sent = await send(client, mine, talk, text=text)

    assert (sent.status_code, sent.json()["text"]) == (201, shown)
    assert sent.headers["Content-Type"] == "application/json"
    assert (await history(client, theirs, talk))[0]["text"] == shown


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": None},
        {"attachments": []},
        {"text": None, "attachments": []},
        {"text": ""},
        {"text": " \n "},
        {"text": "\u200b\u2060\ufeff"},
        {"text": "\u202e\u202c"},
        {"text": "nul\u0000"},
        {"text": "bell\u0007"},
        {"text": "escape\u001b[2J"},
        {"text": "next\u0085line"},
        {"text": "x" * 4001},
        {"text": "\u0958" * 2001},  # by NFC each is two
        {"text": 5},
        {"text": ["a"]},
        {"text": "a", "client_id": ""},
        {"text": "a", "client_id": "x" * 101},
        {"text": "a", "client_id": "a\nb"},
        {"text": "a", "client_id": 7},
        {"text": "a", "sender_id": "01a230df-c19e-70d1-80ac-21a94eb65a3b"},
        {"text": "a", "seq": 1},
        {"text": "a", "created_at": "2020-01-01T00:00:00Z"},
    ],
    ids=str,
)
async def test_what_is_no_message_is_refused(client, talk, mine, body):
    refused = await send(client, mine, talk, **body)

    assert refused.status_code == 422, refused.text
    assert await history(client, mine, talk) == []


async def test_ten_megabytes_are_refused_before_they_are_read(client, talk, mine):
    huge = await send(client, mine, talk, text="x" * 10 * 1024 * 1024)

    assert huge.status_code == 413


@pytest.mark.parametrize("place", ["after=-1", "after=x", "before=99999999999999999999", "sort=id"])
async def test_a_place_that_can_not_be_is_refused(client, talk, mine, place):
    path = f"/conversations/{talk['id']}/messages?{place}"

    assert (await client.get(path, headers=mine)).status_code == 422


async def test_whoever_writes_too_much_has_to_wait(doors, talk, mine, theirs, adapters, customer):
    quota = ALLOWED[Quota.MESSAGES].account[0]
    for _ in range(quota.most - 1):
        await adapters.limiter.spend(Quota.MESSAGES, None, str(customer.id))
    async with client_from("203.0.113.7", doors) as far:
        answers = [await send(far, who, talk, text="Buy now") for who in (mine, mine, theirs)]

    assert [one.status_code for one in answers] == [201, 429, 201]
    assert int(answers[1].headers["Retry-After"]) > 0


async def test_an_api_key_reads_or_writes_as_its_scopes_say(client, connection, talk, customer):
    reading = await make_api_key(connection, customer, Permission.CHAT_READ)
    writing = await make_api_key(connection, customer, Permission.CHAT_WRITE)
    path = f"/conversations/{talk['id']}/messages"

    assert (await client.get(path, headers=reading)).status_code == 200
    assert (await send(client, reading, talk, text="a")).status_code == 403
    assert (await send(client, writing, talk, text="a")).status_code == 201
    assert (await client.get(path, headers=writing)).status_code == 403
