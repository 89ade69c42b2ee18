"""The order domain's tables whose rows are found by their id alone."""

from typing import Final

from domains.kernel.nodes import NodeTable

ORDERS: Final = NodeTable("orders")
ORDER_ADDRESSES: Final = NodeTable(
    "order_addresses",
    owner="""(select o.id from orders o where o.company_id = $1
      and order_addresses.id in (o.shipping_address_id, o.billing_address_id) limit 1)""",
)
ORDER_ITEMS: Final = NodeTable("order_items", owner="order_id")
ORDER_PROMOTIONS: Final = NodeTable("order_promotions", owner="order_id")
ORDER_STATUS_HISTORY: Final = NodeTable("order_status_history", owner="order_id")
