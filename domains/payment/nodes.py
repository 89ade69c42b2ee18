"""The payment domain's tables whose rows are found by their id alone."""

from typing import Final

from domains.kernel.nodes import NodeTable

PAYMENTS: Final = NodeTable("payments", owner="order_id")
REFUNDS: Final = NodeTable("refunds", owner="order_id")
