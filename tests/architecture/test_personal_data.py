"""Nothing that tells who somebody was outlives their erasure.

Every column that can hold words is declared here: by which statement it is emptied, or why
nothing personal stands in it. And somebody lives a whole life, is erased, and is looked for.
"""

import json
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta

import pytest

from app.integrations.mail.mailbox import FileMailbox
from app.repositories.erasure import ERASING
from tests.factories.jobs import announced, deliver_all
from tests.factories.lives import EMAIL, NEW_EMAIL, PASSWORD, WORDS, lived
from tests.factories.traces import COLUMNS, columns_with, files_with, tables_of

WORDY = {"ARRAY", "bytea", "character varying", "double precision", "inet", "json", "jsonb", "text"}
A_STATE = "one of a few words of ours"
BY_ID = "a message, which holds ids alone"
NOT_TOLD = "what is personal is hidden before it is written"
OF_A_GATEWAY = "what a gateway made up, for one payment"
A_RECORD = "kept by law as it was issued, with names (docs/decisions/0019)"
OF_THE_HOUSE = "written by those who work here, about the catalog"

# Of each column, the statement of `erasure.ERASING` that empties it.
EMPTIED = {
    "api_keys.hash": "api_keys",
    "api_keys.name": "api_keys",
    "api_keys.prefix": "api_keys",
    "api_keys.scopes": "api_keys",
    "booking_changes.reason": "booking_changes",
    "bookings.cancel_reason": "bookings",
    "bookings.notes": "bookings",
    "chat_messages.attachments": "chat_messages",
    "chat_messages.client_id": "chat_messages",
    "chat_messages.text": "chat_messages",
    "chat_reports.reason": "chat_reports",
    "chat_reports.text": "chat_reports",
    "devices.name": "sessions",
    "devices.platform": "sessions",
    "devices.token": "sessions",
    "email_changes.email": "email_changes",
    "email_changes.old_email": "email_changes",
    "email_verifications.email": "email_verifications",
    "events.cancel_reason": "events",
    "events.description": "events",
    "events.latitude": "events",
    "events.location": "events",
    "events.longitude": "events",
    "events.online_url": "events",
    "events.searched": "events",
    "events.tags": "events",
    "external_calendars.etag": "external_calendars",
    "external_calendars.failure": "external_calendars",
    "external_calendars.name": "external_calendars",
    "external_calendars.url": "external_calendars",
    "idempotency_records.body": "own_answers",
    "idempotency_records.fingerprint": "own_answers",
    "idempotency_records.key": "own_answers",
    "idempotency_records.location": "own_answers",
    "identities.email": "identities",
    "identities.provider": "identities",
    "identities.subject": "identities",
    "notification_preferences.choices": "notification_preferences",
    "notifications.facts": "notifications",
    "offerings.description": "offerings",
    "offerings.searched": "offerings",
    "offerings.tags": "offerings",
    "files.name": "files",
    "gateway_events.body": "gateway_events",
    "overrides.windows": "overrides",
    "payments.request_key": "payments",
    "payouts.note": "payouts",
    "phone_verifications.phone": "phone_verifications",
    "providers.bio": "providers",
    "providers.latitude": "providers",
    "providers.location": "providers",
    "providers.longitude": "providers",
    "providers.name": "providers",
    "providers.searched": "providers",
    "providers.timezone": "providers",
    "realtime_frames.data": "realtime_frames",
    "realtime_frames.user_ids": "realtime_frames",
    "realtime_tickets.hash": "sessions",
    "recovery_codes.hash": "recovery_codes",
    "refunds.reason": "refunds",
    "refresh_tokens.attempt": "sessions",
    "refresh_tokens.hash": "sessions",
    "gateway_customers.gateway": "gateway_customers",
    "gateway_customers.reference": "gateway_customers",
    "saved_cards.brand": "saved_cards",
    "saved_cards.gateway": "saved_cards",
    "saved_cards.last4": "saved_cards",
    "saved_cards.reference": "saved_cards",
    "review_reports.reason": "review_reports",
    "reviews.comment": "reviews",
    "reviews.reply": "reviews",
    "schedules.timezone": "schedules",
    "slot_waits.windows": "slot_waits",
    "schedules.weekly": "schedules",
    "sessions.device": "sessions",
    "suppressions.address": "suppressions",
    "sessions.ip": "sessions",
    "sessions.user_agent": "sessions",
    "telegram_links.code_hash": "telegram_links",
    "tickets.attendee_email": "tickets",
    "tickets.attendee_name": "tickets",
    "time_off.reason": "time_off",
    "users.email": "users",
    "users.full_name": "users",
    "users.locale": "users",
    "users.password_hash": "users",
    "users.permissions": "users",
    "users.phone": "users",
    "users.requested_role": "users",
    "users.roles": "users",
    "users.searched": "users",
    "users.timezone": "users",
    "users.username": "users",
    "wallet_transfers.note": "wallet_transfers",
}
# What stays for others to read, and in which names are replaced.
REWORDED = {
    "bookings.items",
    "bookings.title",
    "events.title",
    "offerings.name",
    "ticket_types.name",
}
# Of each other column, why nothing in it tells who somebody is.
IMPERSONAL = {
    "alembic_version.version_num": "ours",
    "audit_log.action": A_STATE,
    "audit_log.actor_roles": A_STATE,
    "audit_log.after": NOT_TOLD,
    "audit_log.before": NOT_TOLD,
    "audit_log.ip": "where staff acted from, kept to hold them to it; no name or address",
    "audit_log.request_id": "a number, or what the caller's own program made of it",
    "audit_log.target_kind": A_STATE,
    "booking_changes.kind": A_STATE,
    "booking_changes.status": A_STATE,
    "bookings.deposit_rest": A_STATE,
    "bookings.kind": A_STATE,
    "bookings.payment_status": A_STATE,
    "bookings.price_currency": A_STATE,
    "bookings.starts_local": "a wall time",
    "bookings.status": A_STATE,
    "bookings.timezone": "the zone of the place",
    "categories.description": OF_THE_HOUSE,
    "categories.name": OF_THE_HOUSE,
    "categories.slug": OF_THE_HOUSE,
    "chat_messages.side": A_STATE,
    "chat_reports.status": A_STATE,
    "check_ins.kind": A_STATE,
    "check_ins.nonce": "made by a scanner",
    "closures.name": OF_THE_HOUSE,
    "conversation_members.side": A_STATE,
    "conversations.partner_side": A_STATE,
    "conversations.subject": A_STATE,
    "events.deposit_currency": A_STATE,
    "events.capture": A_STATE,
    "events.no_show_fee_currency": A_STATE,
    "events.deposit_rest": A_STATE,
    "disputes.currency": A_STATE,
    "disputes.reason": A_STATE,
    "disputes.reference": OF_A_GATEWAY,
    "disputes.state": A_STATE,
    "events.price_currency": A_STATE,
    "events.starts_local": "a wall time",
    "events.status": A_STATE,
    "events.timezone": "the zone of the place",
    "files.media_type": A_STATE,
    "files.owner_kind": A_STATE,
    "files.state": A_STATE,
    "gateway_events.event_id": OF_A_GATEWAY,
    "gateway_events.failure": A_STATE,
    "gateway_events.gateway": A_STATE,
    "gateway_events.kind": A_STATE,
    "ledger_accounts.currency": A_STATE,
    "ledger_accounts.gateway": A_STATE,
    "ledger_accounts.kind": A_STATE,
    "ledger_entries.kind": A_STATE,
    "ledger_entries.note": "of the program, which tells of nobody there",
    "ledger_postings.currency": A_STATE,
    "offerings.deposit_currency": A_STATE,
    "offerings.capture": A_STATE,
    "offerings.no_show_fee_currency": A_STATE,
    "offerings.deposit_rest": A_STATE,
    "notification_deliveries.channel": A_STATE,
    "notification_deliveries.error": A_STATE,
    "notification_deliveries.reference": "what a vendor calls a message it took",
    "notification_deliveries.state": A_STATE,
    "notifications.key": BY_ID,
    "notifications.kind": A_STATE,
    "offerings.payment": A_STATE,
    "offerings.price_currency": A_STATE,
    "offerings.rating_average": "a number",
    "offerings.status": A_STATE,
    "oauth_flows.provider": A_STATE,
    "oauth_flows.redirect_uri": "an address of ours, of a sign-in that has no account yet",
    "events.reminder_minutes": "numbers",
    "offerings.reminder_minutes": "numbers",
    "payments.booking_ids": "ids, of what it pays for",
    "payments.capture": A_STATE,
    "payments.client_secret": OF_A_GATEWAY,
    "payments.currency": A_STATE,
    "payments.failure_code": A_STATE,
    "payments.gateway": A_STATE,
    "payments.method": A_STATE,
    "payments.redirect_url": OF_A_GATEWAY,
    "payments.reference": OF_A_GATEWAY,
    "payments.state": A_STATE,
    "payouts.account": A_STATE,
    "payouts.currency": A_STATE,
    "payouts.status": A_STATE,
    "pgqueuer.dedupe_key": BY_ID,
    "pgqueuer.entrypoint": BY_ID,
    "pgqueuer.headers": "a count",
    "pgqueuer.payload": BY_ID,
    "pgqueuer_log.entrypoint": BY_ID,
    "pgqueuer_log.traceback": "places in the program, and a first line without addresses",
    "pgqueuer_schedules.entrypoint": A_STATE,
    "pgqueuer_schedules.expression": A_STATE,
    "pgqueuer_statistics.entrypoint": BY_ID,
    "promo_codes.code": "what a seller hands out to whoever buys",
    "promo_codes.currency": A_STATE,
    "promo_codes.kind": A_STATE,
    "promo_codes.ticket_type_ids": BY_ID,
    "providers.rating_average": "a number",
    "providers.status": A_STATE,
    "rate_limits.key": "a digest, for as long as a window lasts",
    "realtime_frames.type": A_STATE,
    "receipts.content": A_RECORD,
    "receipts.currency": A_STATE,
    "receipts.kind": A_STATE,
    "refunds.currency": A_STATE,
    "refunds.failure_code": A_STATE,
    "refunds.reference": OF_A_GATEWAY,
    "refunds.state": A_STATE,
    "text_reports.code": A_STATE,
    "text_reports.reference": "what the vendor calls a message",
    "text_reports.state": A_STATE,
    "review_totals.subject_kind": A_STATE,
    "reviews.flags": A_STATE,
    "reviews.status": A_STATE,
    "suppressions.channel": A_STATE,
    "suppressions.reason": A_STATE,
    "ticket_types.price_currency": A_STATE,
    "tickets.status": A_STATE,
    "users.status": A_STATE,
    "slot_waits.status": A_STATE,
    "waitlist_entries.status": A_STATE,
    "wallet_transfers.currency": A_STATE,
}
# What is emptied and could not hold a name: digests, places on the map, choices among a few.
WORDLESS = {
    "api_keys.hash",
    "api_keys.prefix",
    "api_keys.scopes",
    "devices.platform",
    "telegram_links.code_hash",
    "chat_messages.attachments",
    "events.latitude",
    "events.longitude",
    "external_calendars.etag",
    "external_calendars.failure",
    "idempotency_records.fingerprint",
    "idempotency_records.location",
    "identities.provider",
    "notification_preferences.choices",
    "overrides.windows",
    "providers.latitude",
    "providers.longitude",
    "providers.timezone",
    "realtime_frames.user_ids",
    "realtime_tickets.hash",
    "recovery_codes.hash",
    "refresh_tokens.attempt",
    "refresh_tokens.hash",
    "gateway_customers.gateway",
    "gateway_customers.reference",
    "saved_cards.brand",
    "saved_cards.gateway",
    "saved_cards.last4",
    "saved_cards.reference",
    "schedules.timezone",
    "schedules.weekly",
    "slot_waits.windows",
    "sessions.ip",
    "users.locale",
    "users.password_hash",
    "users.permissions",
    "users.requested_role",
    "users.roles",
    "users.timezone",
}
# Rows that go on belonging to the account that nobody is behind any more.
STAYING = {
    *(
        "bookings",
        "conversation_members",
        "events",
        "files",
        "reviews",
        "ledger_accounts",
        "offerings",
        "payments",
        "payouts",
        "photos",
        "promo_codes",
        "promo_uses",
    ),
    "providers",
}
LATER = timedelta(minutes=10)


@pytest.fixture
async def raw(database):
    """The test's own connection, to look with in SQL."""
    return await database._pool.acquire()


async def erased(client, life) -> None:
    body = {"password": PASSWORD}
    gone = await client.request("DELETE", "/profile", headers=life.headers, json=body)
    assert gone.status_code == 204, gone.text


async def test_every_column_that_can_hold_words_is_declared(raw):
    declared = {*EMPTIED, *REWORDED, *IMPERSONAL}
    held = {
        f"{table}.{name}"
        for _, table, names, types in await raw.fetch(COLUMNS)
        for name, type_ in zip(names, types, strict=True)
        if type_ in WORDY
    }

    assert held - declared == set(), "who empties these, or why not?"
    assert declared - held == set(), "declared, but not there"
    assert len(declared) == len(EMPTIED) + len(REWORDED) + len(IMPERSONAL), "declared twice"


def test_what_is_declared_to_empty_a_column_is_there():
    assert set(EMPTIED.values()) <= ERASING.keys()


async def test_of_somebody_who_was_erased_nothing_is_left(client, doors, connection, raw, settings):
    life = await lived(client, doors, connection)
    found_before = await columns_with(raw, WORDS)

    await erased(client, life)
    await deliver_all(doors, within=LATER)

    assert found_before - EMPTIED.keys() - REWORDED == set(), "said to be impersonal"
    assert (EMPTIED.keys() | REWORDED) - found_before == WORDLESS, "not shown to be emptied"
    assert await columns_with(raw, WORDS) == set()
    assert files_with(settings.data_dir, WORDS) == set()
    assert await tables_of(raw, life.user_id, life.provider_id) <= STAYING - {"files", "photos"}


async def test_nobody_writes_to_somebody_who_was_erased(
    client, doors, connection, adapters, tmp_path, clock
):
    life = await lived(client, doors, connection)
    letters_wanted = len(await announced(connection))
    await erased(client, life)
    elsewhere = FileMailbox(tmp_path / "elsewhere", clock)

    await deliver_all(replace(doors, adapters=replace(adapters, mailer=elsewhere)), within=LATER)

    assert letters_wanted >= 2
    others = await elsewhere.letters()  # with whom she had bookings, which are cancelled
    assert [letter.to for letter in others if letter.to in (EMAIL, NEW_EMAIL)] == []
    assert [word for word in WORDS for letter in others if word in letter.text.lower()] == []


async def test_every_statement_that_erases_is_needed(client, doors, connection, raw, monkeypatch):
    life = await lived(client, doors, connection)
    needless = []
    for name in list(ERASING):
        undone = raw.transaction()
        await undone.start()
        with monkeypatch.context() as without:
            without.delitem(ERASING, name)
            await erased(client, life)
        left = await tables_of(raw, life.user_id, life.provider_id) - STAYING
        if not left and not await columns_with(raw, WORDS):
            needless.append(name)
        await undone.rollback()

    assert needless == []


LIFE = """
import asyncio, sys
from dataclasses import replace
from pathlib import Path

from app.bootstrap import Doors, build_adapters
from app.core import logging
from app.core.config import Settings
from app.core.crypto import PasswordHasher
from app.core.database import Database, open_pool
from tests.architecture.test_personal_data import LATER, erased
from tests.conftest import SECRET, client_of
from tests.factories.clock import Clock
from tests.factories.jobs import deliver_all
from tests.factories.lives import lived


async def live():
    pool = await open_pool(sys.argv[1], size=5)
    settings = Settings(
        _env_file=None, environment="development", secret_key=SECRET, data_dir=Path(sys.argv[2])
    )
    cheap = PasswordHasher(memory=8, passes=1)
    adapters = replace(build_adapters(settings, Clock()), passwords=cheap)
    doors = Doors(Database(pool), adapters)
    async with client_of(doors) as client, doors.database.read() as connection:
        life = await lived(client, doors, connection)
        await client.get("/profile/export", headers=life.headers)
        await erased(client, life)
        await deliver_all(doors, within=LATER)
    cheap.close()
    await pool.close()


logging.configure(level="DEBUG", format_="json", secrets=[SECRET])
asyncio.run(live())
"""


@pytest.mark.usefixtures("real_database")
def test_of_a_whole_life_no_name_is_logged(url, tmp_path):
    """In a process of its own, with the program's real logger at its most talkative."""
    command = [sys.executable, "-c", textwrap.dedent(LIFE), url, str(tmp_path)]

    done = subprocess.run(command, capture_output=True, check=False, text=True)

    assert done.returncode == 0, done.stderr[-2000:]
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {"request", "account erased"} <= {event["event"] for event in events}
    assert len(events) > 30
    assert [event for event in events if any(word in str(event).lower() for word in WORDS)] == []
