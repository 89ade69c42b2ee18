"""What a built-in template consists of beside its texts: the blocks of each kind, and where its button leads."""

from collections.abc import Mapping
from typing import Final

from domains.notification.data import NotificationKind as Kind

BLOCKS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ORDER_PLACED: ("order_items", "addresses"),
    Kind.ORDER_EDITED: ("order_items", "addresses"),
    Kind.ORDER_PAID: ("order_items",),
    Kind.ORDER_CANCELLED: ("order_items",),
    Kind.ORDER_SHIPPED: ("shipment",),
    Kind.ORDER_DELIVERED: ("shipment",),
    Kind.RETURN_REQUESTED: ("return_items",),
    Kind.RETURN_APPROVED: ("return_items",),
    Kind.RETURN_REJECTED: ("return_items",),
    Kind.RETURN_RECEIVED: ("return_items",),
    Kind.RETURN_REFUNDED: ("return_items",),
    Kind.REVIEW_REQUEST: ("products",),
    Kind.ABANDONED_CART: ("cart_items",),
    Kind.BACK_IN_STOCK: ("product",),
    Kind.PRICE_DROP: ("product",),
    Kind.DIGEST: ("digest_items",),
    Kind.STAFF_NEW_ORDER: ("order_items", "addresses"),
    Kind.STAFF_LOW_STOCK: ("stock_items",),
}
"""The names of the files in `blocks`, in order, below the text."""
_ORDER: Final = dict.fromkeys(
    (
        Kind.ORDER_PLACED, Kind.ORDER_PAID, Kind.PAYMENT_FAILED, Kind.ORDER_EDITED, Kind.ORDER_CANCELLED,
        Kind.ORDER_REFUNDED, Kind.INVOICE_ISSUED, Kind.ORDER_SHIPPED, Kind.ORDER_DELIVERED, Kind.RETURN_REQUESTED,
        Kind.RETURN_APPROVED, Kind.RETURN_REJECTED, Kind.RETURN_RECEIVED, Kind.RETURN_REFUNDED, Kind.REVIEW_REQUEST,
    ),
    "order.url",
)  # fmt: skip
BUTTONS: Final[Mapping[Kind, str]] = {
    **_ORDER,
    Kind.ABANDONED_CART: "cart.url",
    Kind.BACK_IN_STOCK: "product.url",
    Kind.PRICE_DROP: "product.url",
    Kind.PROMOTION: "url",
    Kind.RECOMMENDATION: "url",
    Kind.NEWS: "url",
    Kind.WELCOME: "look.storefront_url",
}
"""The variable with the address; there is no button when it is null. Each has a text `button` in each language."""
