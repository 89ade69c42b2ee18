"""Confirmation of a guest's e-mail address for a cart, by a mailed code that is valid once."""

from typing import Final
from uuid import UUID

from domains.auth.emails.addresses import normalize_email
from domains.auth.emails.email_verification import ATTEMPTS, EmailVerification
from domains.auth.errors import InvalidCode
from domains.auth.models import Origin
from domains.cart import data, locking, sql
from domains.cart.errors import CartNotFound, EmailFixedByAccount
from domains.cart.events import CartChanged
from domains.cart.models import Cart, CartRef, cart_of
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.prisma.statements import Sql

_STORE_CODE: Final = """
insert into cart_email_codes as k (id, company_id, cart_id, email, code, expires_at, created_at)
select $3, $1, id, $4, $5, $6, $7 from carts where company_id = $1 and id = $2
on conflict (company_id, cart_id) do update
set id = excluded.id, email = excluded.email, code = excluded.code, attempts = 0, expires_at = excluded.expires_at,
    created_at = excluded.created_at
"""
# The attempt is counted before the code is compared, so that concurrent attempts wait for the lock.
_COUNT_ATTEMPT: Final = """
update cart_email_codes set attempts = attempts + 1
where company_id = $1 and cart_id = $2 and expires_at > $3 and attempts < $4
returning id, email, code
"""
_DELETE_CODE: Final = "delete from cart_email_codes where company_id = {} and cart_id = {}"


class CartEmails:
    """Confirms the e-mail addresses of guests for their carts."""

    def __init__(self, verification: EmailVerification, clock: Clock) -> None:
        self._verification = verification
        self._clock = clock

    async def request_code(self, db: Database, actor: Actor, origin: Origin, ref: CartRef, email: str) -> None:
        """Mail a code to the address that a guest entered. It replaces an earlier code of the cart.

        The result does not depend on whether the address has an account or orders. Raises InvalidInput, CartNotFound,
        RateLimited, EmailFixedByAccount for a logged-in user.
        """
        address, now = normalize_email(email), self._clock.now()
        _require_guest(ref)
        reader = db.reader(actor.company_id)
        cart = await sql.find(reader, ref, now)
        if cart is None:
            raise CartNotFound
        code = await self._verification.begin(origin, address, _purpose(cart.id, address))

        async def store(tx: Tx) -> None:
            times = (code.expires_at, now)
            if not await tx.execute(_STORE_CODE, tx.company_id, cart.id, code.id, address, code.digest, *times):
                raise CartNotFound
            await self._verification.send(tx, address, code)

        await db.run(store, actor)

    async def confirm(self, db: Database, actor: Actor, origin: Origin, ref: CartRef, digits: str) -> Cart:
        """Confirm the address of a guest's cart by the mailed code, once.

        Promotions for the address apply from then on, and an order of the cart has this address. Raises
        CartNotFound, RateLimited, EmailFixedByAccount, and InvalidCode, which commits: the attempt is counted, and
        after five the code is invalid. Emits CartChanged.
        """
        _require_guest(ref)
        await self._verification.count_attempt(origin)
        now = self._clock.now()

        async def work(tx: Tx) -> Cart:
            cart = await locking.require(tx, ref, now)
            stored = await tx.fetch_row(_COUNT_ATTEMPT, tx.company_id, cart.id, now, ATTEMPTS)
            if stored is None:
                raise InvalidCode
            if not self._verification.codes.matches(
                stored["id"], stored["code"], _purpose(cart.id, stored["email"]), digits
            ):
                raise InvalidCode
            tx.defer(Sql(_DELETE_CODE, (tx.company_id, cart.id)))
            tx.emit(CartChanged.of(cart))
            return cart_of(await data.cart.update(tx, id=cart.id, data={"confirmed_email": stored["email"]}))

        return await db.run(work, actor)


def _require_guest(ref: CartRef) -> None:
    if ref.user_id is not None:
        raise EmailFixedByAccount


def _purpose(cart_id: UUID, email: str) -> str:
    """The purpose of a code: it is valid for one address and one cart only."""
    return f"cart:{cart_id}:{email}"
