"""The inventory domain's tables whose rows are found by their id alone."""

from typing import Final

from domains.kernel.nodes import NodeTable

INVENTORY_ITEMS: Final = NodeTable("inventory_items")
STOCK_MOVEMENTS: Final = NodeTable("stock_movements")
