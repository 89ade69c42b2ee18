"""Proofs of a mailbox for something that is no account: a code is mailed, and whoever types it in reads the mail."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from domains.auth.emails.account_emails import Post
from domains.auth.emails.verification_codes import ATTEMPTS, Codes
from domains.auth.models import Origin
from domains.auth.registration.new_accounts import FreshCode
from domains.auth.registration.registration import Door
from domains.kernel.database import Reader
from domains.kernel.errors import RateLimited
from domains.kernel.values.networks import network_of

TRIES: Final = 60
TRIES_PER: Final = timedelta(hours=1)

__all__ = ["ATTEMPTS", "Proofs"]


class Proofs:
    """Codes for the mailboxes of guests. Whoever asks for one keeps it, sealed, with what it is for."""

    def __init__(self, codes: Codes, post: Post, door: Door) -> None:
        self._codes = codes
        self._post = post
        self._door = door

    async def begin(self, origin: Origin, email: str, purpose: str) -> FreshCode:
        """A new code to be kept and mailed, good for ten minutes; whether the shop knows the address plays no part.

        Raises RateLimited, by the origin and by the mailbox.
        """
        await self._door.knock(origin, email, "cart")
        return self._codes.fresh(purpose)

    async def mail(self, db: Reader, email: str, code: FreshCode) -> None:
        """Send a code that is kept."""
        await self._post.cart_code(db, email, code.digits)

    async def admit(self, origin: Origin) -> None:
        """Count one try at a code, of which whoever keeps it allows ATTEMPTS. Raises RateLimited, by the origin."""
        if await self._door.throttle.count("cart code", network_of(origin.ip), per=TRIES_PER) > TRIES:
            seconds = int(TRIES_PER.total_seconds())
            raise RateLimited("Too many tries. Try again later.", retry_after=seconds)

    def is_right(self, code_id: UUID, sealed: str, purpose: str, digits: str) -> bool:
        """Whether these digits are those of a kept code that was made for a purpose."""
        return self._codes.is_right(code_id, sealed, purpose, digits)
