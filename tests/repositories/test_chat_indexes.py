"""What people wrote is served by indexes: the last page costs what the first does."""

from typing import Any

import pytest

from app.core.database import Database
from app.domain.chat_messages import ChatMessageFilter
from app.domain.conversations import ConversationFilter
from app.repositories import chat_digests, chat_messages, conversations
from app.repositories.base import Listing, values
from tests.factories.catalog import make_provider
from tests.factories.clock import NOW

MANY = 3000
ADD_CUSTOMERS = """
INSERT INTO users (id, email, roles, status, locale, timezone)
SELECT gen_random_uuid(), n || '@many.example.com', '{customer}', 'active', 'en', 'UTC'
FROM generate_series(1, $1::int) n"""
ADD_TALKS = """
INSERT INTO conversations (id, subject, customer_id, partner_id, partner_side, service_id)
SELECT gen_random_uuid(), 'service', id, $1, 'provider', NULL FROM users
WHERE email LIKE '%@many.example.com'"""
ADD_HELP = """
INSERT INTO conversations (id, subject, customer_id, partner_side)
SELECT gen_random_uuid(), 'support', id, 'support' FROM users
WHERE email LIKE '%@many.example.com'"""
ADD_SIDES = """
INSERT INTO conversation_members (conversation_id, side, user_id, active_at)
SELECT id, 'customer', customer_id, $1::timestamptz + random() * interval '30 days'
FROM conversations
UNION ALL
SELECT id, partner_side, partner_id, $1::timestamptz + random() * interval '30 days'
FROM conversations"""
ADD_MESSAGES = """
INSERT INTO chat_messages (id, conversation_id, seq, sender_id, side, text, created_at)
SELECT gen_random_uuid(), id, n, customer_id, 'customer', md5(n::text), $1
FROM conversations, generate_series(1, CASE WHEN id = $2 THEN $3::int ELSE 2 END) n"""


@pytest.fixture
async def raw(database: Database) -> Any:
    return await database._pool.acquire()


async def plan(raw: Any, listing: Listing[Any], wanted: Any, sort: str, last: Any = None) -> str:
    """Return how PostgreSQL finds the first page, or the one after a place, and what it read."""
    given = {name: value for name, value in values(wanted).items() if value is not None}
    query = listing._query(frozenset(given), sort, last is not None, 21)
    place = {} if last is None else {"last_key": last[0], "last_id": last[1]}
    sql = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {query.sql}"
    lines = await raw.fetch(sql, *query.arguments({**given, **place}))
    return "\n".join(line[0] for line in lines)


def pages_read(found: str) -> int:
    """Return how many pages were looked at, all in all."""
    first = next(line for line in found.splitlines() if "shared hit=" in line)
    parts = first.partition("shared ")[2].partition(",")[0].split()
    return sum(int(part.partition("=")[2]) for part in parts if part[:3] in ("hit", "rea"))


async def talks(raw: Any, connection: Any) -> tuple[Any, Any]:
    provider = await make_provider(connection)
    await raw.execute(ADD_CUSTOMERS, MANY)
    await raw.execute(ADD_TALKS, provider.user_id)
    await raw.execute(ADD_HELP)
    await raw.execute(ADD_SIDES, NOW)
    long_one = await raw.fetchval("SELECT id FROM conversations ORDER BY id LIMIT 1")
    await raw.execute(ADD_MESSAGES, NOW, long_one, 4 * MANY)
    for table in ("conversations", "conversation_members", "chat_messages", "users"):
        await raw.execute(f"ANALYZE {table}")
    return provider.user_id, long_one


async def test_lists_of_conversations_read_indexes_wherever_one_is(raw, connection):
    user_id, _ = await talks(raw, connection)
    far = await raw.fetchrow(
        "SELECT active_at, conversation_id FROM conversation_members WHERE user_id = $1"
        " ORDER BY active_at, conversation_id LIMIT 1 OFFSET 100",
        user_id,
    )
    mine = ConversationFilter(user_id=user_id)

    first = await plan(raw, conversations.MATCHING, mine, "-updated_at")
    last = await plan(raw, conversations.MATCHING, mine, "-updated_at", tuple(far))
    help_ = await plan(
        raw, conversations.MATCHING, ConversationFilter(with_support=True), "-updated_at"
    )

    for found, index in (
        (first, "ix_conversation_members_of_user"),
        (last, "ix_conversation_members_of_user"),
        (help_, "ix_conversation_members_of_support"),
    ):
        assert index in found
        assert "Seq Scan on conversation" not in found
        assert "Seq Scan on chat_messages" not in found
    assert pages_read(last) < 1.5 * pages_read(first)


@pytest.mark.parametrize("sort", ["seq", "-seq"])
async def test_the_thousandth_page_of_a_history_costs_what_the_first_does(raw, connection, sort):
    _, long_one = await talks(raw, connection)
    wanted = ChatMessageFilter(conversation_id=long_one)
    far = 3 * MANY if sort == "seq" else MANY

    first = await plan(raw, chat_messages.MATCHING, wanted, sort)
    last = await plan(raw, chat_messages.MATCHING, wanted, sort, (far, far))

    for found in (first, last):
        assert "uq_chat_messages_place" in found
        assert "Sort" not in found
    assert pages_read(last) <= pages_read(first) + 2


async def test_who_is_due_is_read_from_an_index_of_those_who_will_be(raw, connection):
    await talks(raw, connection)
    await raw.execute(
        "UPDATE conversation_members SET digest_at = $1 WHERE conversation_id IN"
        " (SELECT id FROM conversations LIMIT 40)",
        NOW,
    )
    await raw.execute("ANALYZE conversation_members")

    lines = await raw.fetch(
        f"EXPLAIN {chat_digests.DUE.sql}", *chat_digests.DUE.arguments({"now": NOW})
    )

    found = "\n".join(line[0] for line in lines)
    assert "ix_conversation_members_due" in found
    assert "Seq Scan" not in found
