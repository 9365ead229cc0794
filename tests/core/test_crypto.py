"""Passwords, codes and tokens."""

import asyncio
import os
import subprocess
import sys
import threading
from base64 import b32decode

import pytest

from app.core.crypto import (
    NICE,
    PasswordHasher,
    Signer,
    fingerprint,
    new_secret,
    new_word,
    same,
    spare_cores,
)
from app.core.errors import Busy


@pytest.fixture
def passwords():
    hasher = PasswordHasher(memory=8, passes=1)
    yield hasher
    hasher.close()


async def test_a_password_is_known_by_its_hash_alone(passwords):
    hashed = await passwords.hash("correct horse battery")

    assert hashed.startswith("$argon2id$")
    assert await passwords.verify("correct horse battery", hashed)
    assert not await passwords.verify("correct horse batterx", hashed)
    assert hashed != await passwords.hash("correct horse battery")


async def test_nobodys_password_is_never_right(passwords):
    assert not await passwords.verify("correct horse battery", None)


def test_the_first_password_a_process_sees_may_be_nobodys():
    program = """
import asyncio
from app.core.crypto import PasswordHasher

async def verify():
    hasher = PasswordHasher(memory=8, passes=1)
    print(await asyncio.gather(*(hasher.verify("correct horse battery", None) for _ in "ab")))

asyncio.run(verify())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[False, False]\n"


async def test_a_password_is_the_same_however_its_letters_are_composed(passwords):
    hashed = await passwords.hash("caf\u00e9 au lait \ufb01n")

    assert await passwords.verify("cafe\u0301 au lait fin", hashed)


async def test_a_hash_of_other_costs_is_outdated_and_still_good(passwords):
    costly = PasswordHasher(memory=16, passes=1)
    hashed = await costly.hash("correct horse battery")
    costly.close()

    assert passwords.is_outdated(hashed)
    assert not passwords.is_outdated(await passwords.hash("correct horse battery"))
    assert await passwords.verify("correct horse battery", hashed)


async def test_hashing_runs_beside_the_event_loop(passwords):
    names: list[str] = []
    await passwords._run(lambda: names.append(threading.current_thread().name))

    assert names[0].startswith("argon2")
    assert asyncio.get_running_loop().is_running()


def test_the_costs_are_those_of_owasp():
    hasher = PasswordHasher()

    assert not hasher.is_outdated("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$" + "A" * 43)
    assert hasher.is_outdated("$argon2id$v=19$m=19456,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)
    hasher.close()


def test_a_code_is_six_digits_and_follows_from_purpose_and_subject():
    signer, other = Signer("k" * 32), Signer("l" * 32)
    codes = [signer.code("verify-email", str(number)) for number in range(200)]

    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert any(code.startswith("0") for code in codes)
    assert len(set(codes)) > 190
    assert signer.code("verify-email", "1") == codes[1]
    assert signer.code("reset", "1") != codes[1] != other.code("verify-email", "1")


def test_a_secret_is_160_bits_of_base32_and_follows_from_purpose_and_subject():
    signer, other = Signer("k" * 32), Signer("l" * 32)
    secrets = [signer.secret("totp", str(number)) for number in range(50)]

    assert all(len(b32decode(secret)) == 20 for secret in secrets)
    assert len(set(secrets)) == 50
    assert signer.secret("totp", "1") == secrets[1]
    assert signer.secret("recovery", "1") != secrets[1] != other.secret("totp", "1")


def test_a_digest_can_t_be_computed_without_the_key():
    digest = Signer("k" * 32).digest("recovery-code", "1")

    assert len(digest) == 32
    assert digest == Signer("k" * 32).digest("recovery-code", "1")
    assert digest != Signer("l" * 32).digest("recovery-code", "1")
    assert digest != Signer("k" * 32).digest("totp", "1")
    assert digest != fingerprint("1")


def test_a_word_is_of_its_alphabet_and_every_letter_comes_up():
    words = [new_word("abc", 10) for _ in range(100)]

    assert {len(word) for word in words} == {10}
    assert {letter for word in words for letter in word} == set("abc")
    assert len(set(words)) > 90


@pytest.mark.parametrize("change", ["", "x", ".x", "1.", ".", "2", "1.0.{}"])
def test_a_token_names_its_subject_and_can_t_be_made_up(change):
    signer = Signer("k" * 32)
    token = signer.token("verify-email", "1")

    assert signer.subject("verify-email", token) == "1"
    assert signer.subject("reset", token) is None
    assert signer.subject("verify-email", change.format(token) if change else token[:-1]) is None
    assert Signer("l" * 32).subject("verify-email", token) is None


def test_secrets_are_noise_and_kept_as_hashes():
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(fingerprint("x")) == 32
    assert same("é", "é")
    assert not same("é", "e")


def test_the_successor_of_a_secret_follows_from_it_and_the_key_alone():
    signer, secret = Signer("k" * 32), new_secret()
    successor = signer.successor("refresh-token", secret)

    assert successor == signer.successor("refresh-token", secret)
    assert len(successor) == len(secret) == 43
    assert len({successor, secret, signer.successor("refresh-token", successor)}) == 3
    assert successor != signer.successor("another", secret)
    assert successor != Signer("l" * 32).successor("refresh-token", secret)


async def test_of_a_storm_some_wait_and_the_rest_is_told_to_come_back(passwords, monkeypatch):
    monkeypatch.setattr("app.core.crypto.MOST_WAITING", 5)
    storm = [passwords.hash("correct horse battery") for _ in range(8)]

    found = await asyncio.gather(*storm, return_exceptions=True)

    assert [type(one) for one in found] == [str] * 5 + [Busy] * 3
    assert await passwords.hash("correct horse battery")


async def test_hashing_lets_everybody_else_go_first(passwords):
    """Where a priority is a thread's own; elsewhere it is the whole process's, and stays."""
    others = os.getpriority(os.PRIO_PROCESS, 0)
    behind = min(19, others + NICE) if sys.platform == "linux" else others

    assert await passwords._run(lambda: os.getpriority(os.PRIO_PROCESS, 0)) == behind


def test_there_is_a_thread_fewer_than_cores_and_one_at_the_least(monkeypatch):
    for cores, threads in ((1, 1), (2, 1), (8, 7)):
        monkeypatch.setattr(
            os, "sched_getaffinity", lambda _, n=cores: set(range(n)), raising=False
        )
        monkeypatch.setattr(os, "cpu_count", lambda n=cores: n)
        assert spare_cores() == threads
