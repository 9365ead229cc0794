"""Passwords, codes and tokens: what must not be guessed, and what is kept of it."""

import asyncio
import hmac
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Final, TypeVar

from passlib.hash import argon2

Result = TypeVar("Result")
THREADS: Final = 2
CODE_DIGITS: Final = 6
# OWASP's Argon2id profile: 19 MiB, two passes, one lane; 23 ms where the default takes 182.
MEMORY: Final = 19_456  # KiB
PASSES: Final = 2
# passlib looks for its backend with the first password, and two at once break it.
argon2.set_backend("argon2_cffi")


class PasswordHasher:
    """Argon2id (RFC 9106) in threads of its own, so that logins leave the event loop free.

    A password is the same however a keyboard composes its letters (NFKC).
    """

    def __init__(self, *, memory: int = MEMORY, passes: int = PASSES) -> None:
        costs = {"memory_cost": memory, "time_cost": passes, "parallelism": 1}
        self._argon2 = argon2.using(type="ID", **costs)  # type: ignore[no-untyped-call]
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(lambda: str(self._argon2.hash(_normal(password))))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Tell whether it is the password; with no hash, take as long and say no."""
        if hashed is None:
            await self._run(lambda: self._argon2.verify(_normal(password), self._of_nobody()))
            return False
        return await self._run(lambda: bool(self._argon2.verify(_normal(password), hashed)))

    def is_outdated(self, hashed: str) -> bool:
        """Tell whether a hash was made with other costs than new ones are."""
        return bool(self._argon2.needs_update(hashed))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = str(self._argon2.hash(secrets.token_urlsafe()))
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


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def new_secret() -> str:
    """Return 256 bits of noise as text."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> bytes:
    """Return what is kept of a secret that is itself noise: its SHA-256."""
    return sha256(secret.encode()).digest()


def same(left: str, right: str) -> bool:
    """Compare in a time that says nothing about where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())
