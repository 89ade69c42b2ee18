"""Holding a cart: one writer at a time, each of whom keeps the cart from expiring."""

from collections.abc import Sequence
from datetime import datetime

from domains.auth.sessions.tokens import digest, new_secret
from domains.cart import data, sql
from domains.cart.errors import CartNotFound
from domains.cart.models import Addition, Cart, CartRef, FilledCart, OpenCart
from domains.kernel.database import Tx


async def require(tx: Tx, ref: CartRef, now: datetime) -> Cart:
    """Somebody's cart, held until the transaction ends. Raises CartNotFound. One statement."""
    cart = await sql.hold(tx, ref, now)
    if cart is None:
        raise CartNotFound
    return cart


async def open_cart(tx: Tx, ref: CartRef, currency: str, now: datetime) -> OpenCart:
    """Somebody's cart, held; made when there is none. One statement in nearly all cases.

    A guest's cart is only ever made with a token of our own making: one that somebody planted in a browser opens
    nothing, before and after.
    """
    if ref.user_id is not None:
        return OpenCart(await _of_user(tx, ref, currency, now))
    cart = await sql.hold(tx, ref, now) if ref.token_hash else None
    if cart is not None:
        return OpenCart(cart)
    token = new_secret()
    made = await sql.make(tx, CartRef(token_hash=digest(token)), currency, now)
    assert made is not None, "a new token's cart cannot have expired"  # noqa: S101 - for the type checker
    return OpenCart(made, token)


async def start(tx: Tx, currency: str, additions: Sequence[Addition], now: datetime) -> FilledCart:
    """A guest's new cart with its first lines, held, and its token."""
    token = new_secret()
    cart = await sql.start(tx, digest(token), currency, additions, now)
    return FilledCart(cart, token, sum(addition.quantity for addition in additions))


async def _of_user(tx: Tx, ref: CartRef, currency: str, now: datetime) -> Cart:
    cart = await sql.make(tx, ref, currency, now)
    while cart is None:
        await data.cart.delete_many(tx, where={"user_id": ref.user_id, "expires_at": {"lte": now}})
        cart = await sql.make(tx, ref, currency, now)
    return cart
