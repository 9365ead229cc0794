"""What is kept of oneself: handed over, and taken out."""

import asyncio
from uuid import UUID

import httpx
import pytest
from sqlalchemy import bindparam, func, select, update

from app.core.errors import Unauthenticated
from app.core.statements import Command, Query
from app.domain.bookings import BookingCancelled, BookingStatus
from app.domain.privacy import ERASED_PROVIDER, SETTLED_AFTER
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.models import Bookings, Sessions, Users
from tests.conftest import client_of
from tests.factories.accounts import actor_of, make_user, sign_in
from tests.factories.auth import ADA, PASSWORD, bearer, outcome, registered
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import announced, deliver_all
from tests.factories.mail import letters
from tests.factories.races import at_once
from tests.factories.traces import columns_with, tables_of

HOUR = 60
DAY = 24 * HOUR
BOOKED = {"starts_at": "2030-03-04T10:00:00Z", "notes": "Ring twice for Ada Lovelace"}
BOOKING = Query(
    select(
        Bookings.status,
        Bookings.notes,
        Bookings.cancel_reason,
        Bookings.title,
        Bookings.customer_id,
    ).where(Bookings.id == bindparam("id")),
    lambda *row: row,
)
SHOWN = Query(
    select(Users.email, Users.status, Users.roles, Users.full_name, Users.erased_at).where(
        Users.id == bindparam("id")
    ),
    lambda *row: row,
)
SOMEBODY_WAITS = """
SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
                WHERE NOT granted AND datname = current_database())
"""
KEPT_WAITING = """
SELECT count(*) FROM bookings b JOIN providers p ON p.id = b.provider_id
 WHERE b.status IN ('pending', 'confirmed') AND p.status = 'inactive'
"""
SESSIONS = Query(select(func.count()).select_from(Sessions), int)
UNPROVED = Command(update(Sessions).values(proved_at=None))


@pytest.fixture
async def me(client, doors):
    return bearer(await registered(client, doors, full_name="Ada Lovelace", username="ada.l"))


async def erase(client, me, **body) -> httpx.Response:
    return await client.request("DELETE", "/profile", headers=me, json=body or None)


async def id_of(client, me) -> str:
    return (await client.get("/profile", headers=me)).json()["id"]


async def exported(client, me) -> dict:
    answer = await client.get("/profile/export", headers=me)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestExport:
    async def test_it_holds_all_there_is(self, client, connection, me):
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        booked = {"service_id": str(offering.id), **BOOKED}
        booking = (await client.post("/bookings", headers=me, json=booked)).json()

        answer = await client.get("/profile/export", headers=me)
        told = answer.json()

        assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert told["exported_at"] == "2030-03-01T12:00:00Z"
        assert told["profile"] == (await client.get("/profile", headers=me)).json()
        assert [one["id"] for one in told["bookings"]] == [booking["id"]]
        assert told["bookings"][0]["notes"] == BOOKED["notes"]
        assert told["bookings"][0]["price"] == {"amount": 4500, "currency": "EUR"}
        assert [one["email"] for one in told["email_verifications"]] == [ADA["email"]]
        assert len(told["sessions"]) == 1
        assert told["bookings_with_me"] == told["services"] == told["api_keys"] == []

    async def test_a_provider_s_has_their_page_and_their_work(self, client, connection, adapters):
        provider = await make_provider(connection, bio="Twenty years", location="12 Main Street")
        offering = await make_offering(connection, provider, description="With a wash")
        await make_user(connection)
        me = await sign_in(connection, adapters, user_id=provider.user_id)

        told = await exported(client, me)

        assert told["provider"][0]["bio"] == "Twenty years"
        assert told["schedules"][0]["weekly"][0] == {"weekday": 0, "start": "00:00", "end": "24:00"}
        assert told["services"][0]["description"] == "With a wash"
        assert told["performed_services"][0]["service_id"] == str(offering.id)
        assert told["performed_services"][0]["price"] is None

    async def test_it_holds_nothing_of_somebody_else(self, client, connection, adapters):
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        customer = await make_user(connection, full_name="Zoe Other", email="zoe@example.com")
        words = {"notes": "It is Zoe's birthday", "cancel_reason": "Zoe is ill"}
        gone = {"status": BookingStatus.CANCELLED, "cancelled_by": customer.id, **words}
        mine = {"cancelled_by": provider.user_id, "cancel_reason": "I am ill"}
        await make_booking(connection, customer.id, offering, provider, starts_at=at(1), **gone)
        await make_booking(
            connection, customer.id, offering, provider, starts_at=at(DAY), **gone | mine
        )
        me = await sign_in(connection, adapters, user_id=provider.user_id)

        answer = await client.get("/profile/export", headers=me)

        for theirs in ("zoe", str(customer.id), "birthday"):
            assert theirs not in answer.text.lower()
        reasons = [one["cancel_reason"] for one in answer.json()["bookings_with_me"]]
        assert reasons == [None, "I am ill"]

    async def test_it_holds_no_secret(self, client, connection, doors, me):
        hashed = await connection.first(
            Query(select(Users.password_hash).where(Users.email == ADA["email"]), str)
        )

        answer = await client.get("/profile/export", headers=me)

        assert hashed not in answer.text
        assert "argon2" not in answer.text
        assert "hash" not in answer.text
        assert me["Authorization"].removeprefix("Bearer ") not in answer.text

    async def test_it_comes_bit_by_bit_however_much_it_is(
        self, client, connection, adapters, monkeypatch
    ):
        monkeypatch.setattr("app.repositories.export_sections.A_BATCH", 3)
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        user = await make_user(connection)
        made = [
            await make_booking(
                connection,
                user.id,
                offering,
                provider,
                starts_at=at(HOUR * (number // 2 * 2)),
                status=BookingStatus.CANCELLED,
            )
            for number in range(9)
        ]
        me = await sign_in(connection, adapters, user_id=user.id)

        told = await exported(client, me)

        assert [one["id"] for one in told["bookings"]] == [
            str(one.id) for one in sorted(made, key=lambda one: (one.starts_at, one.id))
        ]

    async def test_who_signs_out_meanwhile_gets_no_more(self, doors, connection, adapters):
        me = await sign_in(connection, adapters)
        seen: list[bytes] = []

        async def end_it(event) -> None:
            if event["type"] == "http.response.body" and not seen:
                seen.append(event["body"])
                await connection.run(Command(update(Sessions).values(revoked_at=at(0))))

        async with client_of(doors, watch=end_it) as client:
            with pytest.raises(Exception):  # noqa: B017  # the connection breaks off
                await exported(client, me)

        assert seen

    async def test_an_api_key_does_not_open_it(self, client):
        assert outcome(await client.get("/profile/export")) == (401, "unauthenticated")


class TestErasure:
    async def test_by_the_password_all_that_is_personal_goes(self, client, connection, me):
        user_id = await id_of(client, me)

        answer = await erase(client, me, password=PASSWORD)

        assert (answer.status_code, answer.content) == (204, b"")
        email, status, roles, name, erased_at = await connection.first(SHOWN, id=user_id)
        assert email == f"erased-{user_id}@erased.invalid"
        assert (status, roles, name) == (UserStatus.DEACTIVATED, ["customer"], None)
        assert erased_at == at(0)
        assert await connection.first(SESSIONS) == 0

    async def test_nobody_is_signed_in_any_more_nor_gets_in(self, client, connection, doors, me):
        login = {"email": ADA["email"], "password": PASSWORD}
        pair = (await client.post("/auth/login", json=login)).json()
        await erase(client, me, password=PASSWORD)

        refresh = {"refresh_token": pair["refresh_token"]}
        answers = [
            await client.get("/profile", headers=me),
            await client.get("/profile", headers=bearer(pair)),
            await client.post("/auth/refresh", json=refresh),
            await client.post("/auth/login", json=login),
        ]

        assert [answer.status_code for answer in answers] == [401] * 4
        assert answers[-1].json()["code"] == "invalid-credentials"

    async def test_a_wrong_password_erases_nothing(self, client, me):
        refused = await erase(client, me, password="a wrong horse battery")

        assert outcome(refused) == (422, "wrong-password")
        assert (await client.get("/profile", headers=me)).status_code == 200

    async def test_without_a_password_it_takes_a_fresh_proof(self, client, connection, me):
        await connection.run(UNPROVED)

        refused = await erase(client, me)

        assert outcome(refused) == (403, "step-up-required")
        assert (await client.get("/profile", headers=me)).status_code == 200

    async def test_stepping_up_will_do_and_having_signed_in_will_not(self, client, me):
        refused = await erase(client, me)
        await client.post("/auth/step-up", headers=me, json={"password": PASSWORD})

        assert outcome(refused) == (403, "step-up-required")
        assert (await erase(client, me)).status_code == 204

    async def test_the_address_can_be_registered_anew(self, client, doors, clock, me):
        old = await id_of(client, me)
        clock.forward(minutes=1)
        await erase(client, me, password=PASSWORD)

        again = bearer(await registered(client, doors))

        assert await id_of(client, again) != old
        await deliver_all(doors, within=SETTLED_AFTER)
        assert (await client.get("/profile", headers=again)).status_code == 200
        assert len(await letters(doors, ADA["email"])) == 1

    async def test_what_was_booked_is_cancelled_and_its_time_is_free(
        self, client, connection, doors, me
    ):
        offering = await make_offering(connection)
        booked = {"service_id": str(offering.id), **BOOKED}
        booking = (await client.post("/bookings", headers=me, json=booked)).json()
        await deliver_all(doors)

        await erase(client, me, password=PASSWORD)

        status, notes, *_ = await connection.first(BOOKING, id=booking["id"])
        assert (status, notes) == (BookingStatus.CANCELLED, None)
        messages = await announced(connection)
        assert [m.booking_id for m in messages if isinstance(m, BookingCancelled)]
        again = bearer(await registered(client, doors))
        assert (await client.post("/bookings", headers=again, json=booked)).status_code == 201

    async def test_the_books_stay(self, client, connection, adapters):
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        ada = await make_user(connection)
        booking = await make_booking(
            connection,
            ada.id,
            offering,
            provider,
            starts_at=at(-DAY),
            status=BookingStatus.COMPLETED,
            notes="For Ada",
        )
        me = await sign_in(connection, adapters, user_id=ada.id)
        theirs = await sign_in(connection, adapters, user_id=provider.user_id)
        before = (await client.get(f"/bookings/{booking.id}", headers=theirs)).json()

        await erase(client, me)

        after = (await client.get(f"/bookings/{booking.id}", headers=theirs)).json()
        assert after == before | {"notes": None, "customer_name": None}
        listed = await client.get("/bookings?scope=provider", headers=theirs)
        assert listed.json()["items"] == [after]

    async def test_a_provider_whom_others_wait_for_is_refused(self, client, connection, adapters):
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        customer = await make_user(connection)
        booking = await make_booking(connection, customer.id, offering, provider, starts_at=at(DAY))
        me = await sign_in(connection, adapters, user_id=provider.user_id)

        refused = await erase(client, me)
        cancelled = await client.delete(f"/bookings/{booking.id}", headers=me)
        erased = await erase(client, me)

        assert outcome(refused) == (409, "has-bookings")
        assert [cancelled.status_code, erased.status_code] == [200, 204]

    async def test_a_provider_leaves_their_bookings_and_nothing_else(
        self, client, connection, adapters
    ):
        user = await make_user(
            connection, Role.CUSTOMER, Role.PROVIDER, full_name="Vera Zimt", phone="+12025550143"
        )
        provider = await make_provider(connection, user_id=user.id, name="Vera's", bio="I am Vera")
        offering = await make_offering(
            connection, provider, name="Cut by VERA  ZIMT", description="Call 202-555-0143"
        )
        customer = await make_user(connection)
        booking = await make_booking(
            connection,
            customer.id,
            offering,
            provider,
            starts_at=at(-DAY),
            notes="Ask vera",
            status=BookingStatus.COMPLETED,
        )
        me = await sign_in(connection, adapters, user_id=user.id)
        theirs = await sign_in(connection, adapters, user_id=customer.id)

        assert (await erase(client, me)).status_code == 204

        shown = (await client.get(f"/bookings/{booking.id}", headers=theirs)).json()
        assert shown["items"][0]["name"] == "Cut by [erased]"
        assert shown["notes"] == "Ask [erased]"
        assert shown["provider_id"] == str(provider.id)
        for path in (f"/providers/{provider.id}", f"/services/{offering.id}"):
            assert (await client.get(path)).status_code == 404
        admin = await sign_in(connection, adapters, Role.ADMIN)
        page = (await client.get(f"/providers/{provider.id}", headers=admin)).json()
        assert (page["name"], page["bio"], page["services"]) == (ERASED_PROVIDER, None, [])
        hours = await client.get(f"/providers/{provider.id}/schedule", headers=admin)
        assert hours.json()["weekly"] == []
        kept = (await client.get(f"/services/{offering.id}", headers=admin)).json()
        assert (kept["status"], kept["name"]) == ("archived", "Cut by [erased]")
        assert kept["description"] is None

    async def test_what_others_perform_goes_on(self, client, connection, adapters):
        vera = await make_provider(connection)
        other = await make_provider(connection)
        offering = await make_offering(
            connection, vera, other, description="By Ada Person and others", tags=["ada", "cut"]
        )
        me = await sign_in(connection, adapters, user_id=vera.user_id)

        await erase(client, me)

        shown = (await client.get(f"/services/{offering.id}")).json()
        assert shown["description"] == "By [erased] and others"
        assert shown["tags"] == ["cut"]
        assert [one["provider_id"] for one in shown["providers"]] == [str(other.id)]
        slots = await client.get(
            f"/services/{offering.id}/slots?from=2030-03-04&to=2030-03-04&timezone=UTC"
        )
        assert slots.json()["items"][0]["provider_ids"] == [str(other.id)]

    async def test_the_last_super_admin_stays(self, client, connection, adapters):
        me = await sign_in(connection, adapters, Role.SUPER_ADMIN)

        refused = await erase(client, me)
        await make_user(connection, Role.SUPER_ADMIN)
        erased = await erase(client, me)

        assert outcome(refused) == (409, "last-super-admin")
        assert erased.status_code == 204

    async def test_an_unknown_field_is_refused(self, client, me):
        refused = await erase(client, me, password=PASSWORD, confirm=True)

        assert outcome(refused) == (422, "validation-failed")


class TestWhatIsUnderWay:
    """Requests that were let in before the erasure, and end after it."""

    @pytest.fixture
    async def ada(self, real_client, real_doors):
        me = bearer(await registered(real_client, real_doors, full_name="Ada Lovelace"))
        return me, UUID(await id_of(real_client, me))

    async def test_of_two_erasures_at_once_one_is_done(self, real_client, real_doors, ada):
        me, _ = ada

        answers = await at_once(
            real_doors, *(erase(real_client, me, password=PASSWORD) for _ in range(2))
        )

        assert sorted(answer.status_code for answer in answers) == [204, 401]

    async def test_a_booking_that_came_after_is_taken_back(self, real_client, real_doors, ada):
        me, _ = ada
        async with real_doors.database.read() as connection:
            offering = await make_offering(connection)
        claims = real_doors.adapters.tokens.verify(me["Authorization"].removeprefix("Bearer "))

        async with real_doors.writing() as services:
            actor = await services.actor(claims)
            assert (await erase(real_client, me, password=PASSWORD)).status_code == 204
            with pytest.raises(Unauthenticated):
                await services.users.lock_profile(actor)
            booking = await services.bookings.book(
                actor, offering.id, starts_at=at(3 * DAY), notes="Ring for Ada"
            )

        async with real_doors.database.read() as connection:
            came_after = await connection.first(BOOKING, id=booking.id)
            await deliver_all(real_doors, within=SETTLED_AFTER)
            in_the_end = await connection.first(BOOKING, id=booking.id)
        assert came_after[:2] == (BookingStatus.CONFIRMED, "Ring for Ada")
        assert in_the_end[:2] == (BookingStatus.CANCELLED, None)

    async def test_a_provider_who_was_erased_keeps_nobody_waiting(
        self, client, connection, doors, adapters
    ):
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        customer = await make_user(connection)
        await erase(client, await sign_in(connection, adapters, user_id=provider.user_id))
        late = await make_booking(connection, customer.id, offering, provider, starts_at=at(DAY))

        delivered = await deliver_all(doors, within=SETTLED_AFTER)

        assert (await connection.first(BOOKING, id=late.id))[0] is BookingStatus.CANCELLED
        assert BookingCancelled(late.id) in delivered

    async def test_whatever_happens_at_once_ends_clean(self, real_client, real_doors, ada):
        me, user_id = ada
        async with real_doors.database.read() as connection:
            offering = await make_offering(connection)
        login = {"email": ADA["email"], "password": PASSWORD, "device": "Lovelace"}
        booked = {"service_id": str(offering.id), **BOOKED}
        name = {"full_name": "Ada Lovelace II"}
        key = {"name": "Lovelace", "scopes": ["profile:read"]}

        erased, *others = await at_once(
            real_doors,
            erase(real_client, me, password=PASSWORD),
            *(real_client.post("/auth/login", json=login) for _ in range(3)),
            real_client.post("/bookings", headers=me, json=booked),
            real_client.post("/api-keys", headers=me, json=key),
            real_client.patch("/profile", headers=me, json=name),
            real_client.post("/auth/register", json=ADA),
            real_client.post("/auth/password/forgot", json={"email": ADA["email"]}),
        )
        await deliver_all(real_doors, within=SETTLED_AFTER)

        assert erased.status_code == 204
        # 403: a login came after the new registration of the address, which nobody confirmed.
        assert {answer.status_code for answer in others} <= {200, 201, 202, 401, 403}
        async with real_doors.database.lend() as raw:
            assert await columns_with(raw, ["lovelace"]) == set()
            # The address may be that of a new account, if its registration came second.
            assert await tables_of(raw, user_id) <= {"bookings"}
            active = "SELECT count(*) FROM bookings WHERE status IN ('pending', 'confirmed')"
            assert await raw.fetchval(active) == 0

    async def test_a_provider_who_is_being_booked_waits_and_is_refused(
        self, real_client, real_doors
    ):
        async with real_doors.database.read() as connection:
            provider = await make_provider(connection)
            offering = await make_offering(connection, provider)
            customer = await make_user(connection)
            me = await sign_in(connection, real_doors.adapters, user_id=provider.user_id)

        async with real_doors.writing() as services:
            await services.bookings.book(actor_of(customer), offering.id, starts_at=at(3 * DAY))
            leaving = asyncio.create_task(erase(real_client, me))
            async with real_doors.database.lend() as raw:
                while not leaving.done() and not await raw.fetchval(SOMEBODY_WAITS):
                    pass

        assert outcome(await leaving) == (409, "has-bookings")

    async def test_who_books_a_provider_that_leaves_is_not_kept_waiting(
        self, real_client, real_doors
    ):
        calls = []
        async with real_doors.database.read() as connection:
            theirs = await sign_in(connection, real_doors.adapters)
            for _ in range(5):
                provider = await make_provider(connection)
                offering = await make_offering(connection, provider)
                leaving = await sign_in(connection, real_doors.adapters, user_id=provider.user_id)
                booked = {"service_id": str(offering.id), "starts_at": BOOKED["starts_at"]}
                calls += [
                    real_client.post("/bookings", headers=theirs, json=booked),
                    erase(real_client, leaving),
                ]

        answers = await at_once(real_doors, *calls)
        await deliver_all(real_doors, within=SETTLED_AFTER)

        assert {answer.status_code for answer in answers[::2]} <= {201, 404, 409}
        assert {answer.status_code for answer in answers[1::2]} <= {204, 409}
        async with real_doors.database.lend() as raw:
            assert await raw.fetchval(KEPT_WAITING) == 0
