"""Passwords, codes and tokens: what must not be guessed, and what is kept of it."""

import asyncio
import hmac
import os
import secrets
import sys
import threading
import unicodedata
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Final, TypeVar

from passlib.hash import argon2

from app.core.errors import Busy

Result = TypeVar("Result")
MOST_WAITING: Final = 64
"""Passwords that wait to be hashed, some two seconds' work; who comes after them is not let in."""
NICE: Final = 10
"""How far threads that hash stand back, where the system has that for a thread."""
CODE_DIGITS: Final = 6
SECRET_BYTES: Final = 20  # as long as the hash of RFC 4226 is wide
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
        self._threads = ThreadPoolExecutor(
            spare_cores(), thread_name_prefix="argon2", initializer=stand_back
        )
        self._waiting = 0
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
        """Wait for a thread and do the work; refuse with Busy when too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise Busy("Too many passwords are being checked; try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def spare_cores() -> int:
    """Return how many cores there are beside the one that answers requests, one at the least."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, cores - 1)


def stand_back() -> None:
    """Let every other thread go before this one, where priorities are a thread's own: Linux."""
    if sys.platform == "linux":
        own = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, own, os.getpriority(os.PRIO_PROCESS, own) + NICE)


class Signer:
    """Codes and tokens derived from the secret key, so that no table and no queue holds them.

    Each purpose has a key of its own: a code for one thing is worth nothing for another.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def code(self, purpose: str, subject: str) -> str:
        """Return six digits for the subject, always the same ones."""
        number = int.from_bytes(self.digest(purpose, subject)[:8])
        return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"

    def token(self, purpose: str, subject: str) -> str:
        """Return `subject.signature`, to be put in a link."""
        return f"{subject}.{self.digest(purpose, subject).hex()}"

    def subject(self, purpose: str, token: str) -> str | None:
        """Return whom a token of `token()` names; None if it was not made here."""
        subject, _, signature = token.rpartition(".")
        expected = self.digest(purpose, subject).hex()
        return subject if same(signature, expected) else None

    def secret(self, purpose: str, subject: str) -> str:
        """Return 160 bits for the subject in Base32, always the same ones."""
        return b32encode(self.digest(purpose, subject)[:SECRET_BYTES]).decode()

    def successor(self, purpose: str, secret: str) -> str:
        """Return the secret that comes after this one: always the same, and as good as noise."""
        return urlsafe_b64encode(self.digest(purpose, secret)).rstrip(b"=").decode()

    def digest(self, purpose: str, subject: str) -> bytes:
        """Return what nobody can compute without the secret key.

        So it may be kept of what is too short to be kept by its mere hash.
        """
        key = hmac.digest(self._secret, purpose.encode(), "sha256")
        return hmac.digest(key, subject.encode(), "sha256")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def new_secret() -> str:
    """Return 256 bits of noise as text."""
    return secrets.token_urlsafe(32)


def new_word(alphabet: str, length: int) -> str:
    """Return letters of the alphabet, each chosen by chance."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def fingerprint(secret: str) -> bytes:
    """Return what is kept of a secret that is itself noise: its SHA-256."""
    return sha256(secret.encode()).digest()


def same(left: str, right: str) -> bool:
    """Compare in a time that says nothing about where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())
