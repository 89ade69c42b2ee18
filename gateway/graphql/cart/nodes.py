"""The cart domain's types that `node` finds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.cart.domain import CART_ITEMS, CARTS
from domains.cart.models import Cart as CartModel
from domains.cart.models import CartRef
from gateway.graphql.cart.queries import READ_CARTS
from gateway.graphql.cart.types import Cart, CartItem
from gateway.graphql.core.context import Context
from gateway.graphql.core.nodes import AnyNodeType, NodeType, PartType
from gateway.graphql.engine.loading import one_per_key


async def load_visible_carts(context: Context, keys: Sequence[UUID]) -> Sequence[CartModel | None]:
    """Carts by id: the one of the actor or of the request's token, and with ORDERS:READ any."""
    ref = CartRef.of(context.actor, context.request.cart_token)
    sees_all = READ_CARTS.admits(context.actor)
    rows = await context.services.cart.carts_by_id(context.reader, ref, keys, sees_all=sees_all)
    return one_per_key(keys, rows, lambda row: row.id)


_CART: Final = NodeType(Cart, CARTS, load_visible_carts)
NODES: Final[list[AnyNodeType]] = [_CART, PartType(CartItem, CART_ITEMS, _CART, ("items",))]
