"""Passwords: hashed with Argon2id off the event loop, and the rules for new ones (OWASP ASVS 5.0 §6.2, §11.4)."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from domains.auth.errors import WeakPassword
from domains.kernel.errors import InvalidInput, RateLimited
from domains.kernel.text.validation import TooLong

T = TypeVar("T")
MINIMUM = 8
ADVISED = 15
MAXIMUM = 1_024
MOST_CODE_POINTS = 4 * MAXIMUM
"""No character is composed of more than four."""
MEMORY_KIB = 46 * 1_024
SHORTEST_NAME = 4
MOST_WAITING = 200
BUSY_SECONDS = 5
NOT_A_LETTER_OR_DIGIT = re.compile(r"[\W_]+")


class PasswordHashes:
    """Hashes and checks passwords in a small pool of threads, so that neither the loop nor the memory fills up.

    The defaults are the least of ASVS 11.4.2: t=1, m=46 MiB, p=1. Hashing costs one Argon2 computation, verifying one
    for each form of the password (see `verify`); both raise RateLimited at once when too many wait already.
    """

    def __init__(
        self, *, memory_kib: int = MEMORY_KIB, time_cost: int = 1, parallelism: int = 1, threads: int = 2
    ) -> None:
        self._argon2 = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism, type=Type.ID
        )
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash of the password's normal form with a fresh salt, in PHC's string format."""
        self._require_room()
        octets = _octets(normal_form(password))
        return await self._compute(lambda: self._argon2.hash(octets))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one that was hashed. Without a hash it is never, after the same work.

        Hashes of earlier times were made of what was typed, so where that is another text than the normal form, it
        is tried after it, and so are its composed and decomposed forms. How often a wrong password is hashed depends
        on it alone.
        """
        self._require_room()
        for form in _forms(password):
            if await self._opens(password_hash, form):
                return True
        return False

    async def needs_rehash(self, password_hash: str, password: str) -> bool:
        """Whether the hash of a password that is right was made with other parameters or of another form of it."""
        if self.is_outdated(password_hash):
            return True
        forms = _forms(password)
        return len(forms) > 1 and not await self._opens(password_hash, forms[0])

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False)

    def _require_room(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise RateLimited("Too many people sign in at this moment. Try again.", retry_after=BUSY_SECONDS)

    async def _opens(self, password_hash: str | None, form: str) -> bool:
        if password_hash is None:
            await self._compute(lambda: self._argon2.hash(_octets(form)))
            return False
        return await self._compute(lambda: self._matches(password_hash, form))

    def _matches(self, password_hash: str, form: str) -> bool:
        try:
            return self._argon2.verify(password_hash, _octets(form))
        except (VerificationError, InvalidHashError):
            return False

    async def _compute(self, work: Callable[[], T]) -> T:
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def require_strong(password: str, *, names: Iterable[str], field: tuple[str, ...] = ("password",)) -> None:
    """Check a new password: its length, and that nobody would try it first. No composition rules (ASVS 6.2.5).

    `names` are the words somebody would guess here: the shop's name and slug, and the person's own address.
    A character counts once, however many code points its keyboard sent for it or its normal form has.
    Raises WeakPassword, TooLong above 1,024 characters, InvalidInput for what is not text.
    """
    if len(password) > MOST_CODE_POINTS:
        raise TooLong(f"The password has more than {MAXIMUM} characters.", field=field)
    if any("\ud800" <= letter <= "\udfff" for letter in password):
        raise InvalidInput("The password contains a character that is not text.", field=field)
    composed, password = unicodedata.normalize("NFC", password), normal_form(password)
    length = min(len(composed), len(password))
    if length < MINIMUM:
        raise WeakPassword(
            f"The password has {length} characters; it needs {MINIMUM}, better {ADVISED} or more.",
            field=field,
        )
    if length > MAXIMUM:
        raise TooLong(f"The password has more than {MAXIMUM} characters.", field=field)
    if password.lower() in common_passwords():
        raise WeakPassword("This is one of the passwords that everybody tries first. Choose another.", field=field)
    plain = _plain(password)
    for name in names:
        if len(_plain(name)) >= SHORTEST_NAME and _plain(name) in plain:
            raise WeakPassword(
                f"The password contains {name!r}, which is easy to guess here. Choose another.", field=field
            )


@cache
def common_passwords() -> frozenset[str]:
    """The common passwords that are long enough to be chosen at all: 11,611, where ASVS 6.2.4 asks for 3,000."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - 13 MB that only a new password needs

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MINIMUM)


def normal_form(password: str) -> str:
    """The password in NFKC (NIST SP 800-63B): keyboards send the same characters in different code points."""
    return password if _is_fixed(password) else unicodedata.normalize("NFKC", password)


def _forms(password: str) -> list[str]:
    """The texts that a stored hash of this password may have been made of, the normal form first, each once."""
    if _is_fixed(password):
        return [password]
    composed, parted = unicodedata.normalize("NFC", password), unicodedata.normalize("NFD", password)
    return list(dict.fromkeys([normal_form(password), password, composed, parted]))


def _is_fixed(password: str) -> bool:
    """Whether there is nothing to normalise: ASCII, or longer than any password that can have been chosen."""
    return password.isascii() or len(password) > MOST_CODE_POINTS


def _plain(text: str) -> str:
    return NOT_A_LETTER_OR_DIGIT.sub("", text.casefold())


def _octets(password: str) -> bytes:
    """All of the password (ASVS 6.2.8); a lone surrogate is no reason to fail a sign-in otherwise."""
    return password.encode("utf-8", "surrogatepass")
