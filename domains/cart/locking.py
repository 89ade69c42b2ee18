"""Locking of carts: one writer at a time; each write postpones the expiry."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domains.auth.sessions.tokens import digest, new_secret
from domains.cart import data, sql
from domains.cart.errors import CartNotFound
from domains.cart.models import Addition, Cart, CartRef, ChangedCart, OpenCart
from domains.kernel.database import Tx


async def require(tx: Tx, ref: CartRef, now: datetime) -> Cart:
    """The cart of a reference, locked until the transaction ends. Raises CartNotFound. One statement."""
    cart = await sql.lock(tx, ref, now)
    if cart is None:
        raise CartNotFound
    return cart


async def open_cart(tx: Tx, ref: CartRef, currency: str, now: datetime) -> OpenCart:
    """The cart of a reference, locked; created if there is none. One statement in nearly all cases.

    A guest's cart is only created with a token that is generated here: a token that an attacker planted in a
    browser never opens a cart.
    """
    if ref.user_id is not None:
        return OpenCart(await _open_of_user(tx, ref, currency, now))
    cart = await sql.lock(tx, ref, now) if ref.token_hash else None
    if cart is not None:
        return OpenCart(cart)
    token = new_secret()
    created = await sql.create(tx, CartRef(token_hash=digest(token)), currency, now)
    assert created is not None, "a new token's cart cannot have expired"  # noqa: S101 - for the type checker
    return OpenCart(created, token)


async def create_with_lines(
    tx: Tx, cart_id: UUID, currency: str, additions: Sequence[Addition], now: datetime
) -> ChangedCart:
    """A guest's new cart with its first lines, locked, and its token."""
    token = new_secret()
    cart = await sql.create_with_lines(tx, cart_id, digest(token), currency, additions, now)
    return ChangedCart(cart, token, sum(addition.quantity for addition in additions))


async def _open_of_user(tx: Tx, ref: CartRef, currency: str, now: datetime) -> Cart:
    cart = await sql.create(tx, ref, currency, now)
    while cart is None:
        await data.cart.delete_many(tx, where={"user_id": ref.user_id, "expires_at": {"lte": now}})
        cart = await sql.create(tx, ref, currency, now)
    return cart
