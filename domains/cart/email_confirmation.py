"""Confirming a guest's address for their cart: a code is mailed, kept sealed with the cart, and typed in once."""

from typing import Final
from uuid import UUID

from domains.auth.emails.addresses import normalised
from domains.auth.emails.email_verification import ATTEMPTS, EmailVerification
from domains.auth.errors import InvalidCode
from domains.auth.models import Origin
from domains.cart import data, locking, sql
from domains.cart.errors import CartNotFound, EmailOfAccount
from domains.cart.models import Cart, CartRef, cart_of
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.prisma.statements import Sql

_KEEP: Final = """
insert into cart_email_codes as k (id, company_id, cart_id, email, code, expires_at, created_at)
select $3, $1, id, $4, $5, $6, $7 from carts where company_id = $1 and id = $2
on conflict (company_id, cart_id) do update
set id = excluded.id, email = excluded.email, code = excluded.code, attempts = 0, expires_at = excluded.expires_at,
    created_at = excluded.created_at
"""
# The try counts before anybody looks at the code, so that parallel ones wait here and cannot slip by.
_TRY: Final = """
update cart_email_codes set attempts = attempts + 1
where company_id = $1 and cart_id = $2 and expires_at > $3 and attempts < $4
returning id, email, code
"""
_USE: Final = "delete from cart_email_codes where company_id = {} and cart_id = {}"


class CartEmails:
    """Confirms the e-mail addresses of guests for their carts."""

    def __init__(self, verification: EmailVerification, clock: Clock) -> None:
        self._verification = verification
        self._clock = clock

    async def request_code(self, db: Database, actor: Actor, origin: Origin, ref: CartRef, email: str) -> None:
        """Mail a code to an address that a guest gives as theirs; it replaces an earlier code of the cart.

        The result does not depend on whether the address has an account or orders. Raises InvalidInput, CartNotFound,
        RateLimited, EmailOfAccount for a signed-in user.
        """
        address, now = normalised(email), self._clock.now()
        _require_guest(ref)
        reader = db.reader(actor.company_id)
        cart = await sql.find(reader, ref, now)
        if cart is None:
            raise CartNotFound
        code = await self._verification.begin(origin, address, _purpose(cart.id, address))

        async def keep(tx: Tx) -> None:
            times = (code.expires_at, now)
            if not await tx.execute(_KEEP, tx.company_id, cart.id, code.id, address, code.sealed, *times):
                raise CartNotFound

        await db.run_statement(keep, actor)
        await self._verification.send(reader, address, code)

    async def confirm(self, db: Database, actor: Actor, origin: Origin, ref: CartRef, digits: str) -> Cart:
        """Confirm the address of a guest's cart by the mailed code, once.

        Promotions for the address apply from then on, and an order of the cart is at this address. Raises
        CartNotFound, RateLimited, EmailOfAccount, and InvalidCode, which commits: the try counts, and five end the
        code.
        """
        _require_guest(ref)
        await self._verification.count_attempt(origin)
        now = self._clock.now()

        async def work(tx: Tx) -> Cart:
            cart = await locking.require(tx, ref, now)
            kept = await tx.fetch_row(_TRY, tx.company_id, cart.id, now, ATTEMPTS)
            if kept is None:
                raise InvalidCode
            if not self._verification.codes.is_right(
                kept["id"], kept["code"], _purpose(cart.id, kept["email"]), digits
            ):
                raise InvalidCode
            tx.defer(Sql(_USE, (tx.company_id, cart.id)))
            return cart_of(await data.cart.update(tx, id=cart.id, data={"confirmed_email": kept["email"]}))

        return await db.run(work, actor)


def _require_guest(ref: CartRef) -> None:
    if ref.user_id is not None:
        raise EmailOfAccount


def _purpose(cart_id: UUID, email: str) -> str:
    """A code is good for one address and one cart alone."""
    return f"cart:{cart_id}:{email}"
