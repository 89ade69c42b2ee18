"""Stored events of gift cards, carts, discounts, taxes, shipping and notifications, for `test_stored_events`."""

from base64 import b64encode
from typing import Any, Final

GONE: Final = "0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b"
COMPANY, USER = "the company", "the user"
ORDER: Final = "the order"
PRODUCT: Final = "the product"
AMOUNT: Final = {"amount": "5.00", "currency": "EUR"}
LABEL: Final = {"label_id": GONE, "order_id": ORDER, "carrier_id": GONE, "tracking_number": "MOCK1"}
NUMBERED: Final = {"order_id": ORDER, "order_number": "2026-000042"}
SHIPMENT: Final = {"shipment_id": GONE, "order_id": ORDER, "position": 1}
BUYERS: Final = ["notification.orders"]
FOLLOWING: Final = "order.follow-shipments"
ISSUED: Final = {"gift_card_id": GONE, "origin": "SOLD", **AMOUNT, "expires_at": None, "order_item_id": None}
TENDERS: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("gift_card.issued", 1, ISSUED, []),
    ("gift_card.updated", 1, {"gift_card_id": GONE, "changed": ["note"]}, []),
    ("gift_card.disabled", 1, {"gift_card_id": GONE}, []),
    ("gift_card.enabled", 1, {"gift_card_id": GONE}, []),
    ("gift_card.balance_adjusted", 1, {"gift_card_id": GONE, **AMOUNT}, []),
    ("gift_card.expired", 1, {"gift_card_id": GONE, **AMOUNT}, []),
    ("store_credit.adjusted", 1, {"store_credit_id": GONE, "user_id": USER, **AMOUNT}, []),
]
ENDED: Final = {"notification_id": GONE, "user_id": None, "type": "EMAIL", "kind": "CART_CODE"}
SUPPRESSED: Final = {"suppression_id": GONE, "channel": "EMAIL", "category": None, "suppression_reason": "MANUAL"}
ANNOUNCED: Final = {"announcement_id": GONE, "kind": "NEWS"}
REQUESTED: Final = ["notification.requested_emails"]
# The content is JSON as the mailbox of the tests encrypts it.
NOTIFICATIONS: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("webhook_endpoint.created", 1, {"endpoint_id": GONE}, []),
    ("webhook_endpoint.updated", 1, {"endpoint_id": GONE, "changed": ["secret"]}, []),
    ("webhook_endpoint.enabled", 1, {"endpoint_id": GONE}, []),
    ("webhook_endpoint.disabled", 1, {"endpoint_id": GONE, "disabled_reason": "GONE"}, []),
    ("webhook_endpoint.deleted", 1, {"endpoint_id": GONE}, []),
    ("announcement.created", 1, ANNOUNCED | {"scheduled_at": "2027-03-01T09:00:00+00:00"}, []),
    ("announcement.sent", 1, ANNOUNCED | {"created": 512}, []),
    ("announcement.cancelled", 1, ANNOUNCED, []),
    ("notification.sent", 1, ENDED, []),
    ("notification.failed", 1, ENDED | {"failure_reason": "550 5.1.1"}, []),
    (
        "notification.preferences_updated",
        1,
        {"user_id": USER, "enabled": ["NEWS:EMAIL"], "disabled": [], "source": "ACCOUNT"},
        [],
    ),
    ("notification.suppression_created", 1, SUPPRESSED, []),
    ("notification.suppression_lifted", 1, SUPPRESSED | {"note": "The mailbox exists again."}, []),
    ("notification.settings_updated", 1, {"company_id": COMPANY, "changed": ["footer"]}, []),
    (
        "gift_card.email_requested",
        1,
        {"email": "cards@example.com", "kind": "GIFT_CARDS", "content": b64encode(b'{"cards": []}').decode()},
        REQUESTED,
    ),
    (
        "user.email_requested",
        1,
        {"email": "code@example.com", "kind": "CART_CODE", "content": b64encode(b'{"code": "123456"}').decode()},
        REQUESTED,
    ),
]
CARTS: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("cart.changed", 1, {"cart_id": GONE, "user_id": None}, []),
    (
        "cart.item_added",
        1,
        {
            "cart_id": GONE,
            "user_id": None,
            "product_id": PRODUCT,
            "variant_id": None,
            "quantity": 2,
            "unit_price": "10.00",
            "currency": "EUR",
        },
        [],
    ),
    (
        "cart.abandoned",
        1,
        {"cart_id": GONE, "user_id": USER, "units": 3, "changed_at": "2026-11-28T12:00:00+00:00"},
        ["notification.cart_reminders"],
    ),
]
DISCOUNTS: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("promotion.created", 1, {"promotion_id": GONE, "name": "Ten off", "code": "TEN"}, []),
    ("promotion.updated", 1, {"promotion_id": GONE, "changed": ["max_usage_count"]}, []),
    ("promotion.deleted", 1, {"promotion_id": GONE, "code": None}, []),
    ("promotion.segment_created", 1, {"segment_id": GONE, "name": "Guests"}, []),
    ("promotion.segment_updated", 1, {"segment_id": GONE, "changed": ["conditions"]}, []),
    ("promotion.segment_deleted", 1, {"segment_id": GONE, "name": "Guests"}, []),
    ("promotion.exhausted", 1, {"promotion_id": GONE, "order_id": ORDER, "max_usage_count": 10}, []),
    (
        "order.discount_changed",
        1,
        {"order_id": ORDER, "order_number": "2026-000042", "total": "9.00", "currency": "EUR"},
        [],
    ),
    ("order.held", 1, NUMBERED, []),
    ("order.hold_released", 1, NUMBERED, [FOLLOWING]),
    ("order.note_added", 1, {**NUMBERED, "note_id": GONE, "is_internal": True}, []),
    ("order.note_updated", 1, {**NUMBERED, "note_id": GONE, "is_internal": False}, []),
    ("order.note_deleted", 1, {**NUMBERED, "note_id": GONE}, []),
    ("coupon.created", 1, {"coupon_id": GONE, "name": "Ten off"}, []),
    ("coupon.updated", 1, {"coupon_id": GONE, "changed": ["usage_limit"]}, []),
    ("coupon.deleted", 1, {"coupon_id": GONE}, []),
    ("coupon.codes_created", 1, {"coupon_id": GONE, "count": 100}, []),
    ("coupon.exhausted", 1, {"coupon_id": GONE, "order_id": ORDER, "usage_limit": 10}, []),
]
DOCUMENTS: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    (
        "stock_transfer.created",
        1,
        {"transfer_id": GONE, "number": "TR-1001", "from_warehouse_id": GONE, "to_warehouse_id": GONE},
        [],
    ),
    ("stock_transfer.updated", 1, {"transfer_id": GONE, "number": "TR-1001", "changed": ["lines"]}, []),
    (
        "stock_transfer.shipped",
        1,
        {
            "transfer_id": GONE,
            "number": "TR-1001",
            "from_warehouse_id": GONE,
            "to_warehouse_id": GONE,
            "lines": [{"sku": "A", "quantity": 4}],
        },
        [],
    ),
    (
        "stock_transfer.received",
        1,
        {
            "transfer_id": GONE,
            "number": "TR-1001",
            "to_warehouse_id": GONE,
            "lines": [{"sku": "A", "received": 3, "lost": 1}],
            "is_complete": True,
        },
        [],
    ),
    (
        "stock_transfer.cancelled",
        1,
        {"transfer_id": GONE, "number": "TR-1001", "returned": [{"sku": "A", "quantity": 4}]},
        [],
    ),
    ("stock_take.started", 1, {"stock_take_id": GONE, "number": "ST-1001", "warehouse_id": GONE}, []),
    (
        "stock_take.completed",
        1,
        {
            "stock_take_id": GONE,
            "number": "ST-1001",
            "warehouse_id": GONE,
            "counted": 2,
            "differences": [{"sku": "A", "expected": 10, "counted": 8}],
        },
        [],
    ),
    ("stock_take.cancelled", 1, {"stock_take_id": GONE, "number": "ST-1001", "warehouse_id": GONE}, []),
    *(
        (topic, 1, {"purchase_order_id": GONE, "number": "PO-1001", "warehouse_id": GONE}, [])
        for topic in ("purchase_order.created", "purchase_order.placed", "purchase_order.cancelled")
    ),
    (
        "purchase_order.received",
        1,
        {
            "purchase_order_id": GONE,
            "number": "PO-1001",
            "warehouse_id": GONE,
            "lines": [{"sku": "A", "quantity": 4}],
            "is_complete": True,
        },
        [],
    ),
    ("inventory.out_of_stock", 1, {"first_item_id": GONE, "skus": ["A"]}, ["notification.staff"]),
    ("inventory.overstocked", 1, {"first_item_id": GONE, "skus": ["A"]}, []),
    ("inventory.stale", 1, {"first_item_id": GONE, "skus": ["A"], "days": 90}, []),
]
TAXES: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("carrier.created", 1, {"carrier_id": GONE, "code": "mock"}, []),
    ("carrier.updated", 1, {"carrier_id": GONE, "code": "mock", "changed": ["name"]}, []),
    ("carrier.deleted", 1, {"carrier_id": GONE, "code": "mock"}, []),
    ("shipping_label.purchased", 1, {**LABEL, "cost": "5.40", "currency": "EUR"}, ["returns.labels"]),
    ("shipping_label.voided", 1, LABEL, ["returns.labels"]),
    (
        "parcel.tracked",
        1,
        {**LABEL, "status": "DELIVERED", "tracked_at": "2026-12-01T09:00:00+00:00"},
        ["returns.parcels"],
    ),
    (
        "shipment.tracked",
        1,
        {**SHIPMENT, "status": "DELIVERED", "tracked_at": "2026-12-01T09:00:00+00:00"},
        [FOLLOWING],
    ),
    ("shipment.status_changed", 1, {**SHIPMENT, "from_status": "IN_TRANSIT", "to_status": "DELIVERED"}, BUYERS),
    (
        "shipment.received_back",
        1,
        {**SHIPMENT, "warehouse_id": GONE, "restocked": 1, "written_off": 1},
        [],
    ),
    ("tax.settings_updated", 1, {"company_id": COMPANY, "changed": ["tax_rate"]}, []),
    ("warehouse.created", 1, {"warehouse_id": GONE, "code": "MAIN"}, []),
    ("warehouse.updated", 1, {"warehouse_id": GONE, "changed": ["is_default"]}, []),
    ("warehouse.deleted", 1, {"warehouse_id": GONE, "code": "MAIN"}, []),
    ("tax_class.created", 1, {"tax_class_id": GONE, "code": "books"}, []),
    ("tax_class.updated", 1, {"tax_class_id": GONE, "changed": ["is_default"]}, []),
    ("tax_class.deleted", 1, {"tax_class_id": GONE, "code": "books"}, []),
    ("tax_rate.created", 1, {"tax_rate_id": GONE, "tax_class_id": GONE}, []),
    ("tax_rate.updated", 1, {"tax_rate_id": GONE, "tax_class_id": GONE, "changed": ["rate"]}, []),
    ("tax_rate.deleted", 1, {"tax_rate_id": GONE, "tax_class_id": GONE}, []),
    ("tax_rates.imported", 1, {"tax_class_id": GONE, "created": 2, "updated": 1}, []),
]
_METHOD: Final = {"shipping_method_id": GONE, "shipping_zone_id": GONE}
SHIPPING: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("shipping.settings_updated", 1, {"company_id": COMPANY, "changed": ["holidays"]}, []),
    ("shipping_zone.created", 1, {"shipping_zone_id": GONE}, []),
    ("shipping_zone.updated", 1, {"shipping_zone_id": GONE, "changed": ["countries"]}, []),
    ("shipping_zone.deleted", 1, {"shipping_zone_id": GONE}, []),
    ("shipping_method.created", 1, _METHOD, []),
    ("shipping_method.updated", 1, {**_METHOD, "changed": ["base_price"]}, []),
    ("shipping_method.deleted", 1, _METHOD, []),
    ("shipping_profile.created", 1, {"shipping_profile_id": GONE}, []),
    ("shipping_profile.updated", 1, {"shipping_profile_id": GONE, "changed": ["name"]}, []),
    ("shipping_profile.deleted", 1, {"shipping_profile_id": GONE}, []),
]
BACKORDERED: Final = {
    "sku": "A",
    "product_id": PRODUCT,
    "quantity": 2,
    "kind": "PREORDER",
    "promised_at": "2026-12-24T00:00:00+00:00",
}
BACKORDERS: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    (
        "inventory.backorder_terms_updated",
        1,
        {"first_item_id": GONE, "items": [{"sku": "A", "product_id": PRODUCT, "variant_id": None}]},
        [],
    ),
    ("inventory.backorder_created", 1, {"order_id": ORDER, "lines": [BACKORDERED]}, []),
    (
        "inventory.backorder_allocated",
        1,
        {
            "order_id": ORDER,
            "lines": [{"sku": "A", "product_id": PRODUCT, "quantity": 1}],
            "complete_skus": ["A"],
        },
        [],
    ),
    (
        "inventory.backorder_cancelled",
        1,
        {"order_id": ORDER, "lines": [{"sku": "A", "product_id": PRODUCT, "quantity": 1}]},
        [],
    ),
    (
        "order.edited",
        1,
        {
            "order_id": ORDER,
            "order_number": "2026-000042",
            "edit_id": GONE,
            "total_before": "20.00",
            "total_after": "15.00",
            "currency": "EUR",
        },
        BUYERS,
    ),
    (
        "order.reallocated",
        1,
        {
            "order_id": ORDER,
            "order_number": "2026-000042",
            "lines": [{"sku": "A", "quantity": 2, "from_warehouse_id": GONE, "to_warehouse_id": ORDER}],
        },
        [],
    ),
]
