"""Access to orders: the buyer, staff with the permission, and a guest with the token of the order."""

import hashlib
import hmac
from typing import Final

from domains.auth.sessions.tokens import digest, new_secret
from domains.kernel.actor import Actor
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.models import Order

ORDERS: Final = PermissionResource.ORDERS
MAX_TOKEN_LENGTH: Final = 200


def may_reach(actor: Actor, order: Order, token: str | None, action: PermissionAction) -> bool:
    """Whether an actor may act on an order: it is theirs, they have the permission, or the token is the order's."""
    return actor.may_see(order.user_id, ORDERS, action) or _matches(token, order.guest_token_hash)


def manages(actor: Actor) -> bool:
    """Whether an actor manages the money of orders: staff with ORDERS:MANAGE, not the buyer of one."""
    return actor.can(ORDERS, PermissionAction.MANAGE)


def sees_all(actor: Actor) -> bool:
    """Whether an actor may see all orders of the company."""
    return actor.can(ORDERS, PermissionAction.READ)


def accepts_orders(actor: Actor) -> bool:
    """Whether an actor accepts orders for the company: staff who may update orders."""
    return actor.can(ORDERS, PermissionAction.UPDATE)


def exchange_token() -> str:
    """A new token of a guest's exchange order, which has no cart: 256 random bits. Only its digest is stored."""
    return new_secret()


def guest_token(cart_token: str, order_id: object) -> str:
    """The token of a guest's order: 256 bits that only a client with the cart's token can compute.

    It is the HMAC-SHA256 of the order's id under the cart's token, so that the answer to a repeated request
    contains it although it is not stored.
    """
    return hmac.new(cart_token.encode(), f"order {order_id}".encode(), hashlib.sha256).hexdigest()


def _matches(token: str | None, stored: str | None) -> bool:
    if token is None or stored is None or len(token) > MAX_TOKEN_LENGTH:
        return False
    return hmac.compare_digest(digest(token), stored)
