"""Password hashes by Argon2id, off the event loop, and the rules for new passwords (OWASP ASVS 5.0 §6.2, §11.4)."""

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
MIN_LENGTH = 8
ADVISED_LENGTH = 15
MAX_LENGTH = 1_024
MAX_CODE_POINTS = 4 * MAX_LENGTH
"""No character is composed of more than four code points."""
MEMORY_KIB = 46 * 1_024
MIN_NAME_LENGTH = 4
MAX_WAITING = 200
RETRY_AFTER_SECONDS = 5
NOT_A_LETTER_OR_DIGIT = re.compile(r"[\W_]+")


class PasswordHashes:
    """Hashes and verifies passwords in a small pool of threads, which bounds memory and keeps the event loop free.

    The defaults are the minimum of ASVS 11.4.2: t=1, m=46 MiB, p=1. Hashing takes one Argon2 computation, verifying
    one for each form of the password (see `verify`). Both raise RateLimited at once when 200 are waiting.
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
        """The hash of the password's normal form with a new salt, in the PHC string format."""
        self._require_capacity()
        encoded = _encode(normal_form(password))
        return await self._compute(lambda: self._argon2.hash(encoded))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether a hash is that of the password. Without a hash it is false, after the same work.

        Earlier versions hashed the text as typed, so if it differs from the normal form, it is tried too, and so are
        its composed and decomposed forms. The number of computations for a wrong password depends on it alone.
        """
        self._require_capacity()
        for form in _forms(password):
            if await self._verify_form(password_hash, form):
                return True
        return False

    async def needs_rehash(self, password_hash: str, password: str) -> bool:
        """Whether the hash of a verified password has other parameters or is that of another form of it."""
        if self.is_outdated(password_hash):
            return True
        forms = _forms(password)
        return len(forms) > 1 and not await self._verify_form(password_hash, forms[0])

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash has other parameters than the current ones."""
        return self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(wait=False)

    def _require_capacity(self) -> None:
        if self._waiting >= MAX_WAITING:
            raise RateLimited("Too many logins at the moment. Try again.", retry_after=RETRY_AFTER_SECONDS)

    async def _verify_form(self, password_hash: str | None, form: str) -> bool:
        if password_hash is None:
            await self._compute(lambda: self._argon2.hash(_encode(form)))
            return False
        return await self._compute(lambda: self._matches(password_hash, form))

    def _matches(self, password_hash: str, form: str) -> bool:
        try:
            return self._argon2.verify(password_hash, _encode(form))
        except (VerificationError, InvalidHashError):
            return False

    async def _compute(self, work: Callable[[], T]) -> T:
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def require_strong(password: str, *, names: Iterable[str], field: tuple[str, ...] = ("password",)) -> None:
    """Check a new password: its length, and that it is not easily guessed. No composition rules (ASVS 6.2.5).

    `names` are words that it must not contain: the company's name and slug, and the user's address. A character
    counts once, however many code points it or its normal form has. Raises WeakPassword, TooLong above 1,024
    characters, and InvalidInput for text that is not valid Unicode.
    """
    if len(password) > MAX_CODE_POINTS:
        raise TooLong(f"The password has more than {MAX_LENGTH} characters. Choose a shorter one.", field=field)
    if any("\ud800" <= letter <= "\udfff" for letter in password):
        raise InvalidInput("The password contains an invalid character. Remove it.", field=field)
    composed, password = unicodedata.normalize("NFC", password), normal_form(password)
    length = min(len(composed), len(password))
    if length < MIN_LENGTH:
        raise WeakPassword(
            f"The password has {length} characters. Use at least {MIN_LENGTH}, better {ADVISED_LENGTH} or more.",
            field=field,
        )
    if length > MAX_LENGTH:
        raise TooLong(f"The password has more than {MAX_LENGTH} characters. Choose a shorter one.", field=field)
    if password.lower() in common_passwords():
        raise WeakPassword("This is one of the most common passwords. Choose another.", field=field)
    simplified = _letters_and_digits(password)
    for name in names:
        if len(_letters_and_digits(name)) >= MIN_NAME_LENGTH and _letters_and_digits(name) in simplified:
            raise WeakPassword(
                f"The password contains {name!r}, which is easy to guess. Choose another.", field=field
            )


@cache
def common_passwords() -> frozenset[str]:
    """The common passwords of at least the minimum length: 11,611; ASVS 6.2.4 asks for 3,000."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - 13 MB that only new passwords need

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MIN_LENGTH)


def normal_form(password: str) -> str:
    """The password in NFKC (NIST SP 800-63B): keyboards send the same character as different code points."""
    return password if _is_unchanged(password) else unicodedata.normalize("NFKC", password)


def _forms(password: str) -> list[str]:
    """The texts that a stored hash of the password may be that of, the normal form first, each once."""
    if _is_unchanged(password):
        return [password]
    composed, decomposed = unicodedata.normalize("NFC", password), unicodedata.normalize("NFD", password)
    return list(dict.fromkeys([normal_form(password), password, composed, decomposed]))


def _is_unchanged(password: str) -> bool:
    """Whether normalization does not change the password: ASCII, or longer than any valid password."""
    return password.isascii() or len(password) > MAX_CODE_POINTS


def _letters_and_digits(text: str) -> str:
    return NOT_A_LETTER_OR_DIGIT.sub("", text.casefold())


def _encode(password: str) -> bytes:
    """The whole password as bytes (ASVS 6.2.8). Lone surrogates are kept, so such logins fail like others."""
    return password.encode("utf-8", "surrogatepass")
