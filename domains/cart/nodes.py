"""The cart domain's tables whose rows are found by their id alone."""

from typing import Final

from domains.kernel.nodes import NodeTable

CARTS: Final = NodeTable("carts")
CART_ITEMS: Final = NodeTable("cart_items", owner="cart_id")
