"""How often is too often, over HTTP: what is told, who is slowed down, and who is not."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from app.api.middleware import EXPOSED
from app.core.crypto import PasswordHasher
from app.domain.limits import ALLOWED, Quota
from tests.factories.accounts import make_user, sign_in
from tests.factories.auth import outcome
from tests.factories.limits import client_from, counting_in, told
from tests.factories.races import at_once
from tests.factories.redis import small_redis

HOME, OFFICE, EVE, MALLORY = "203.0.113.1", "203.0.113.9", "198.51.100.7", "198.51.100.8"
PASSWORD = "correct horse battery"
MOST = ALLOWED[Quota.LOGIN].account[0].most
LIMITED = (429, "rate-limited")
WRONG = (401, "invalid-credentials")


@pytest.fixture
async def ada(connection, adapters):
    return await make_user(connection, password_hash=await adapters.passwords.hash(PASSWORD))


async def log_in(doors, ip: str, email: str, password: str = PASSWORD, times: int = 1):
    """Return the last of so many answers to somebody at that address."""
    async with client_from(ip, doors) as client:
        for _ in range(times):
            answer = await client.post("/auth/login", json={"email": email, "password": password})
    return answer


async def test_a_read_tells_what_is_left(doors):
    async with client_from(HOME, doors) as client:
        first, second = [await client.get("/categories") for _ in "ab"]

    (window,) = ALLOWED[Quota.READS].address
    assert first.status_code == 200
    assert told(first, "reads")[:3] == (window.most, 60, window.most - 1)
    assert told(second, "reads")[2] == window.most - 2
    assert 1 <= told(first, "reads")[3] <= 60


async def test_refusals_tell_it_too(doors):
    async with client_from(HOME, doors) as client:
        answers = [
            await client.get("/nowhere"),
            await client.get("/services/x"),
            await client.get("/profile"),
            await client.post("/auth/login", json={}),
            await client.post("/auth/login", content=b"x" * 2_000_000),
        ]

    assert [answer.status_code for answer in answers] == [404, 422, 401, 422, 413]
    assert all(answer.headers["RateLimit"] for answer in answers)


async def test_whoever_is_signed_in_is_told_of_their_own_account(doors, connection, adapters):
    me, other = [await sign_in(connection, adapters) for _ in "ab"]
    async with client_from(HOME, doors) as client:
        for _ in range(3):
            mine = await client.get("/profile", headers=me)
        theirs = await client.get("/profile", headers=other)

    (window,) = ALLOWED[Quota.READS].account
    assert told(mine, "reads")[0] == window.most
    assert (told(mine, "reads")[2], told(theirs, "reads")[2]) == (window.most - 3, window.most - 1)


async def test_too_many_writes_of_an_account_are_refused_from_wherever_they_come(
    doors, connection, adapters
):
    user = await make_user(connection)
    me, other = [await sign_in(connection, adapters, user_id=id_) for id_ in (user.id, None)]
    (window,) = ALLOWED[Quota.WRITES].account
    for _ in range(window.most - 1):
        await adapters.limiter.spend(Quota.WRITES, None, str(user.id))
    async with client_from(EVE, doors) as eve, client_from(HOME, doors) as home:
        last = await eve.patch("/profile", headers=me, json={})
        refused = await home.patch("/profile", headers=me, json={})
        reading = await home.get("/profile", headers=me)
        somebody = await home.patch("/profile", headers=other, json={})

    assert (last.status_code, told(last, "writes")[2]) == (200, 0)
    assert outcome(refused) == LIMITED
    assert int(refused.headers["Retry-After"]) == told(refused, "writes")[3]
    assert (reading.status_code, somebody.status_code) == (200, 200)


async def test_a_forged_token_spends_nothing_of_whom_it_names(doors, connection, adapters):
    me = await sign_in(connection, adapters)
    forged = {"Authorization": f"{me['Authorization'][:-4]}AAAA"}
    async with client_from(EVE, doors) as eve, client_from(HOME, doors) as home:
        for _ in range(5):
            await eve.get("/profile", headers=forged)
        mine = await home.get("/profile", headers=me)

    assert told(mine, "reads")[2] == ALLOWED[Quota.READS].account[0].most - 1


async def test_probes_are_never_refused_and_told_nothing(doors):
    async with client_from(HOME, doors) as client:
        answer = await client.get("http://test/health/live")

    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


async def test_a_client_without_an_address_is_served(doors):
    async with client_from(None, doors) as client:
        answer = await client.get("/categories")

    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


async def test_where_limits_are_off_nothing_is_told(doors):
    settings = doors.adapters.settings.model_copy(update={"rate_limits": "off"})
    off = replace(doors, adapters=replace(doors.adapters, settings=settings))
    async with client_from(HOME, off) as client:
        assert "RateLimit" not in (await client.get("/categories")).headers


def test_browsers_may_read_it():
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(EXPOSED)


async def test_the_refusal_is_a_problem_in_the_language_of_who_asked(doors, ada):
    await log_in(doors, EVE, ada.email, "wrong", times=MOST)
    async with client_from(EVE, doors) as client:
        refused = await client.post(
            "/auth/login",
            json={"email": ada.email, "password": "wrong"},
            headers={"Accept-Language": "ru"},
        )

    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["title"] == "Вы делали это слишком часто; попробуйте позже."
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


async def test_after_so_many_wrong_passwords_a_stranger_waits_even_with_the_right_one(
    doors, ada, clock
):
    wrong = await log_in(doors, EVE, ada.email, "wrong", times=MOST)
    refused = await log_in(doors, EVE, ada.email)
    clock.forward(seconds=int(refused.headers["Retry-After"]))

    assert outcome(wrong) == WRONG
    assert outcome(refused) == LIMITED
    assert (await log_in(doors, EVE, ada.email)).status_code == 200


async def test_strangers_share_the_count_wherever_they_are(doors, ada):
    for number in range(MOST):
        await log_in(doors, f"198.51.100.{number}", ada.email, "wrong")

    assert outcome(await log_in(doors, MALLORY, ada.email, "wrong")) == LIMITED


async def test_an_owner_comes_in_from_home_while_strangers_are_locked_out(doors, ada):
    assert (await log_in(doors, HOME, ada.email)).status_code == 200
    assert outcome(await log_in(doors, EVE, ada.email, "wrong", times=MOST + 1)) == LIMITED

    assert (await log_in(doors, HOME, ada.email)).status_code == 200
    assert outcome(await log_in(doors, EVE, ada.email)) == LIMITED


async def test_home_is_a_whole_block_of_ipv6(doors, ada):
    await log_in(doors, "2001:db8:1:2::1", ada.email)
    await log_in(doors, EVE, ada.email, "wrong", times=MOST)

    assert (await log_in(doors, "2001:db8:1:2:abcd::9", ada.email)).status_code == 200
    assert outcome(await log_in(doors, "2001:db8:1:3::1", ada.email)) == LIMITED


async def test_home_has_its_own_count(doors, ada):
    """Whoever knows the owner's address may not guess for ever either."""
    for place in (HOME, OFFICE):
        await log_in(doors, place, ada.email)
    wrong = await log_in(doors, HOME, ada.email, "wrong", times=MOST)

    assert outcome(wrong) == WRONG
    assert outcome(await log_in(doors, HOME, ada.email)) == LIMITED
    assert (await log_in(doors, OFFICE, ada.email)).status_code == 200


async def test_a_right_password_takes_back_the_wrong_ones(doors, ada):
    for _ in range(3):
        await log_in(doors, EVE, ada.email, "wrong", times=MOST - 1)
        assert (await log_in(doors, EVE, ada.email)).status_code == 200


async def test_ones_own_success_takes_back_nothing_tried_at_others(doors, ada, connection):
    """Or who has an account could try one password at everybody else's, for ever."""
    most = ALLOWED[Quota.LOGIN].address[0].most
    for number in range(most // 2):
        await log_in(doors, EVE, ada.email)
        last = await log_in(doors, EVE, f"somebody-{number}@example.com", "wrong")

    assert (outcome(last), told(last, "login")[2]) == (WRONG, 0)
    assert outcome(await log_in(doors, EVE, "next@example.com", "wrong")) == LIMITED


async def test_who_is_known_and_who_is_not_are_locked_out_alike(doors, ada):
    """Each from an address of its own, and the account's owner at a third."""
    await log_in(doors, HOME, ada.email)
    known, unknown = [
        [await log_in(doors, ip, email, "wrong") for _ in range(MOST + 2)]
        for ip, email in ((EVE, ada.email), (MALLORY, "nobody@example.com"))
    ]

    assert [outcome(one) for one in known] == [outcome(one) for one in unknown]
    assert [sorted(one.headers) for one in known] == [sorted(one.headers) for one in unknown]
    assert [told(one, "login")[:3] for one in known] == [told(one, "login")[:3] for one in unknown]


async def test_the_form_of_swagger_counts_with_it(doors, ada):
    async with client_from(EVE, doors) as client:
        for _ in range(MOST):
            form = {"username": ada.email, "password": "wrong"}
            wrong = await client.post("/auth/token", data=form)

    assert outcome(wrong) == WRONG
    assert outcome(await log_in(doors, EVE, ada.email.upper())) == LIMITED


@pytest.fixture(params=["memory", "postgres", "redis"])
async def stored(request, real_doors):
    """Real doors, counting in each of the stores."""
    async with small_redis() as (url, _):
        doors = counting_in(request.param, real_doors, redis_url=SecretStr(url))
        yield doors
        await doors.adapters.limiter.close()


class Counted(PasswordHasher):
    def __init__(self) -> None:
        super().__init__(memory=8, passes=1)
        self.worked = 0

    async def _run(self, work):
        self.worked += 1
        return await super()._run(work)


async def test_of_twenty_guesses_at_once_as_many_are_looked_at_as_of_twenty_in_turn(stored):
    passwords = Counted()
    stored = replace(stored, adapters=replace(stored.adapters, passwords=passwords))
    body = {"email": "ada@example.com", "password": "wrong"}
    async with client_from(EVE, stored) as client:
        answers = await at_once(stored, *(client.post("/auth/login", json=body) for _ in range(20)))

    found = [outcome(answer) for answer in answers]
    passwords.close()
    assert (found.count(WRONG), found.count(LIMITED)) == (MOST, 20 - MOST)
    assert passwords.worked == MOST


async def test_a_refusal_takes_back_no_count(stored):
    """Counted in the transaction of the request, all of it would be undone with it."""
    first = await log_in(stored, EVE, "nobody@example.com", "wrong")
    second = await log_in(stored, EVE, "nobody@example.com", "wrong")

    assert outcome(first) == outcome(second) == WRONG
    assert told(second, "login")[2] == told(first, "login")[2] - 1


@pytest.mark.parametrize("proof", [{"password": "wrong"}, {"code": "123456"}])
async def test_what_is_guessed_within_a_session_is_counted_at_its_account(
    doors, ada, connection, adapters, proof
):
    """Whoever has got hold of an open session has not got hold of the account."""
    stolen, other = [await sign_in(connection, adapters, user_id=id_) for id_ in (ada.id, None)]
    async with client_from(EVE, doors) as eve:
        found = [
            outcome(await eve.post("/auth/step-up", json=proof, headers=stolen))
            for _ in range(MOST + 1)
        ]
        elsewhere = await eve.post("/auth/step-up", json=proof, headers=other)

    assert LIMITED not in found[:MOST]
    assert found[MOST] == LIMITED
    assert outcome(elsewhere) != LIMITED


@pytest.mark.parametrize("path", ["/auth/password/forgot", "/auth/verify-email/resend"])
async def test_letters_are_counted_alike_whoever_is_to_get_them(doors, ada, path):
    most = ALLOWED[Quota.MAILS].account[0].most
    answers = []
    for ip, email in ((EVE, ada.email), (MALLORY, "nobody@example.com")):
        async with client_from(ip, doors) as client:
            answers.append(
                [await client.post(path, json={"email": email}) for _ in range(most + 1)]
            )

    known, unknown = ([answer.status_code for answer in found] for found in answers)
    assert known == unknown == [202] * most + [429]


async def test_a_registration_is_a_letter_too(doors):
    most = ALLOWED[Quota.MAILS].address[0].most
    async with client_from(EVE, doors) as client:
        for number in range(most + 1):
            wanted = {"email": f"new-{number}@example.com", "password": PASSWORD}
            answer = await client.post("/auth/register", json=wanted)

    assert outcome(answer) == LIMITED


async def test_of_tokens_and_codes_an_address_may_try_so_many(doors):
    most = ALLOWED[Quota.CODES].address[0].most
    async with client_from(EVE, doors) as client:
        for _ in range(most + 1):
            body = {"email": "nobody@example.com", "code": "123456"}
            answer = await client.post("/auth/verify-email", json=body)

    assert outcome(answer) == LIMITED


async def test_nobody_is_told_how_often_others_try_at_an_account(doors, ada):
    """It would say whether its owner was just mistyping, and so that there is one."""
    await log_in(doors, EVE, ada.email, "wrong", times=MOST - 1)
    answer = await log_in(doors, MALLORY, ada.email, "wrong")

    assert told(answer, "login")[0] in {one.most for one in ALLOWED[Quota.LOGIN].address}
    assert told(answer, "login")[2] == told(answer, "login")[0] - 1
