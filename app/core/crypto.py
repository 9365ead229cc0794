"""Passwords, codes and tokens: what must not be guessed, and what is kept of it."""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Final, TypeVar

from passlib.hash import argon2

Result = TypeVar("Result")
THREADS: Final = 2
CODE_DIGITS: Final = 6
# OWASP's Argon2id profile: 19 MiB, two passes, one lane; 23 ms where the default takes 182.
PASSWORDS: Final = argon2.using(type="ID", memory_cost=19_456, time_cost=2, parallelism=1)


class PasswordHasher:
    """Argon2id (RFC 9106) in threads of its own, so that logins leave the event loop free."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(lambda: str(PASSWORDS.hash(password)))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Tell whether it is the password; with no hash, take as long and say no."""
        if hashed is None:
            await self._run(lambda: PASSWORDS.verify(password, self._of_nobody()))
            return False
        return await self._run(lambda: bool(PASSWORDS.verify(password, hashed)))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = str(PASSWORDS.hash(secrets.token_urlsafe()))
        return self._nobody

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


class Signer:
    """Codes and tokens derived from the secret key, so that no table and no queue holds them.

    Each purpose has a key of its own: a code for one thing is worth nothing for another.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def code(self, purpose: str, subject: str) -> str:
        """Return six digits for the subject, always the same ones."""
        number = int.from_bytes(self._digest(purpose, subject)[:8])
        return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"

    def token(self, purpose: str, subject: str) -> str:
        """Return `subject.signature`, to be put in a link."""
        return f"{subject}.{self._digest(purpose, subject).hex()}"

    def subject(self, purpose: str, token: str) -> str | None:
        """Return whom a token of `token()` names; None if it was not made here."""
        subject, _, signature = token.rpartition(".")
        expected = self._digest(purpose, subject).hex()
        return subject if same(signature, expected) else None

    def _digest(self, purpose: str, subject: str) -> bytes:
        key = hmac.digest(self._secret, purpose.encode(), "sha256")
        return hmac.digest(key, subject.encode(), "sha256")


def new_secret() -> str:
    """Return 256 bits of noise as text."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> bytes:
    """Return what is kept of a secret that is itself noise: its SHA-256."""
    return sha256(secret.encode()).digest()


def same(left: str, right: str) -> bool:
    """Compare in a time that says nothing about where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())
