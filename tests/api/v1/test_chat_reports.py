"""Complaining about a message, and what support decides."""

import pytest

from app.core.ids import new_id
from app.domain.roles import Role
from app.tasks.cleanup import forget_complaints
from tests.factories.accounts import sign_in
from tests.factories.partners import make_partners
from tests.factories.races import at_once
from tests.factories.talks import history, open_talk, say, unread


@pytest.fixture
async def partners(connection, adapters):
    return await make_partners(connection, adapters)


@pytest.fixture
async def support(connection, adapters):
    return await sign_in(connection, adapters, Role.MANAGEMENT)


@pytest.fixture
async def talk(client, partners):
    return await open_talk(client, partners.customer, booking_id=str(partners.booking.id))


@pytest.fixture
async def said(client, partners, talk):
    return await say(client, partners.customer, talk, "You fool")


async def complain(client, headers, said, reason=None):
    path = f"/conversations/{said['conversation_id']}/messages/{said['id']}/report"
    return await client.post(path, headers=headers, json=reason and {"reason": reason})


async def resolve(client, headers, report, verdict="remove"):
    path = f"/chat-reports/{report['id']}/resolve"
    return await client.post(path, headers=headers, json={"verdict": verdict})


async def queue(client, headers, query="status=open"):
    return (await client.get(f"/chat-reports?{query}", headers=headers)).json()["items"]


async def test_a_complaint_waits_for_support_with_the_words_as_they_were(
    client, partners, said, support, talk
):
    made = await complain(client, partners.seller, said, "They insult me")
    again = await complain(client, partners.seller, said, "Really")
    path = f"/conversations/{talk['id']}/messages/{said['id']}"
    await client.patch(path, headers=partners.customer, json={"text": "You friend"})
    await client.delete(path, headers=partners.customer)

    assert (made.status_code, again.status_code) == (201, 200)
    assert again.json() == made.json()
    assert made.json().keys() == {"id", "message_id", "reason", "status", "created_at"}
    (waiting,) = await queue(client, support)
    assert (waiting["text"], waiting["reason"]) == ("You fool", "They insult me")
    assert waiting["sender_id"] == str(partners.customer_id)
    assert waiting["reporter_id"] == str(partners.provider.user_id)


async def test_what_is_removed_is_gone_for_both(client, partners, said, support, talk):
    report = (await complain(client, partners.seller, said)).json()

    removed = await resolve(client, support, report)
    again = await resolve(client, support, report, "dismiss")

    assert (removed.status_code, removed.json()["status"]) == (200, "removed")
    assert (again.status_code, again.json()["code"]) == (409, "report-resolved")
    for headers in partners.both:
        (left,) = await history(client, headers, talk)
        assert left["text"] is None
        assert left["deleted_at"] is not None
    assert await unread(client, partners.seller, talk) == 0
    assert await queue(client, support) == []


async def test_what_is_dismissed_stays(client, partners, said, support, talk):
    report = (await complain(client, partners.seller, said)).json()

    dismissed = await resolve(client, support, report, "dismiss")

    assert dismissed.json()["status"] == "dismissed"
    assert await history(client, partners.seller, talk) == [said]


async def test_what_was_decided_is_in_the_log_without_a_word_of_it(
    client, connection, adapters, partners, said, support
):
    report = (await complain(client, partners.seller, said, "They insult me")).json()
    await resolve(client, support, report)
    admin = await sign_in(connection, adapters, Role.ADMIN)

    log = await client.get("/admin/audit-log?action=chat_report.resolved", headers=admin)

    (noted,) = log.json()["items"]
    assert noted["target_id"] == report["id"]
    assert noted["after"]["status"] == "removed"
    assert "fool" not in log.text
    assert "insult" not in log.text


async def test_only_what_others_wrote_and_still_stands_is_complained_of(
    client, connection, adapters, partners, said, talk
):
    gone = await say(client, partners.customer, talk, "Sorry")
    path = f"/conversations/{talk['id']}/messages/{gone['id']}"
    await client.delete(path, headers=partners.customer)
    stranger = await sign_in(connection, adapters)

    answers = [
        await complain(client, partners.customer, said),
        await complain(client, partners.seller, gone),
        await complain(client, partners.seller, {**said, "id": str(new_id())}),
        await complain(client, stranger, said),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (409, "reporting-oneself"),
        (409, "message-deleted"),
        (404, "chat-message-not-found"),
        (404, "conversation-not-found"),
    ]


async def test_long_after_the_decision_the_words_go(
    client, connection, adapters, doors, partners, said, support, talk, clock
):
    other = await say(client, partners.customer, talk, "And a liar")
    decided = (await complain(client, partners.seller, said, "They insult me")).json()
    await complain(client, partners.seller, other)
    await resolve(client, support, decided, "dismiss")

    assert await doors.perform(forget_complaints) == 0
    clock.forward(days=91)
    assert await doors.perform(forget_complaints) == 1
    assert await doors.perform(forget_complaints) == 0

    later = await sign_in(connection, adapters, Role.MANAGEMENT)
    kept = {one["id"]: one for one in await queue(client, later, "")}
    assert (kept[decided["id"]]["text"], kept[decided["id"]]["reason"]) == (None, None)
    assert [one["text"] for one in await queue(client, later)] == ["And a liar"]


async def test_of_two_who_decide_at_once_one_does(real_client, real_doors, adapters):
    async with real_doors.database.read() as connection:
        partners = await make_partners(connection, adapters)
        clerks = [await sign_in(connection, adapters, Role.MANAGEMENT) for _ in "ab"]
    talk = await open_talk(real_client, partners.customer, booking_id=str(partners.booking.id))
    said = await say(real_client, partners.customer, talk, "You fool")
    report = (await complain(real_client, partners.seller, said)).json()

    answers = await at_once(
        real_doors,
        *(
            resolve(real_client, clerk, report, verdict)
            for clerk, verdict in zip(clerks, ("remove", "dismiss"), strict=True)
        ),
    )

    (decided,) = [one.json()["status"] for one in answers if one.status_code == 200]
    (left,) = await history(real_client, partners.seller, talk)
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert (left["text"] is None) == (decided == "removed")
