"""Inputs of stock and warehouses with several errors at once, with all of them."""

from typing import Any, Final

LONG: Final = "x" * 60_000
UNKNOWN_ID: Final = "00000000-0000-0000-0000-000000000001"
# Each: the mutation, its input ($ names a thing of the shop), and the code and path of every error.
STOCK_CASES: Final[list[tuple[str, dict[str, Any], list[str]]]] = [
    (
        "stockSet",
        {
            "levels": [
                {"sku": "$sku", "available": -1},
                {"sku": " ", "available": 1},
                {"sku": "$sku", "available": 2_000_000_000},
            ],
            "reason": LONG,
            "reference": LONG,
        },
        [
            "OUT_OF_RANGE levels.0.available",
            "REQUIRED levels.1.sku",
            "DUPLICATE_VALUE levels.2.sku",
            "OUT_OF_RANGE levels.2.available",
            "TOO_LONG reason",
            "TOO_LONG reference",
        ],
    ),
    (
        "stockSet",
        {"levels": [{"sku": sku, "available": 1} for sku in ("$sku", "NONE-1", "NONE-2")]},
        ["NOT_FOUND levels.1.sku", "NOT_FOUND levels.2.sku"],
    ),
    (
        "stockBulkUpdate",
        {"changes": [{"sku": sku, "quantity": 1} for sku in ("NONE-0", "$sku", "NONE-2")]},
        ["NOT_FOUND changes.0.sku", "NOT_FOUND changes.2.sku"],
    ),
    (
        "stockBulkUpdate",
        {
            "type": "PURCHASE",
            "changes": [{"sku": "", "quantity": 0}, {"sku": "$sku", "quantity": -1}],
            "reason": LONG,
        },
        [
            "REQUIRED changes.0.sku",
            "OUT_OF_RANGE changes.0.quantity",
            "MOVEMENT_DIRECTION_WRONG changes.1.quantity",
            "TOO_LONG reason",
        ],
    ),
    (
        "stockBulkUpdate",
        {"changes": [{"sku": "$sku", "quantity": -1_000}]},
        ["INSUFFICIENT_STOCK changes.0.quantity"],
    ),
    (
        "stockUpdate",
        {"sku": " ", "quantity": 0, "reason": LONG, "reference": LONG},
        ["REQUIRED sku", "OUT_OF_RANGE quantity", "TOO_LONG reason", "TOO_LONG reference"],
    ),
    (
        "stockReorderUpdate",
        {"sku": "", "reorderPoint": -1, "reorderQuantity": -1, "location": LONG},
        ["REQUIRED sku", "OUT_OF_RANGE reorderPoint", "OUT_OF_RANGE reorderQuantity", "TOO_LONG location"],
    ),
    (
        "stockBackorderUpdate",
        {"sku": "", "limit": -1, "promisedAt": "2020-01-01T00:00:00Z"},
        ["REQUIRED sku", "OUT_OF_RANGE limit", "OUT_OF_RANGE promisedAt"],
    ),
    (
        "stockSet",
        {
            "levels": [
                {"sku": "$sku", "available": 1, "warehouseId": UNKNOWN_ID},
                {"sku": "$sku", "available": 2, "warehouseId": "00000000-0000-0000-0000-000000000002"},
            ]
        },
        ["NOT_FOUND levels.0.warehouseId", "NOT_FOUND levels.1.warehouseId"],
    ),
    ("stockUpdate", {"sku": "$sku", "quantity": 1, "warehouseId": UNKNOWN_ID}, ["NOT_FOUND warehouseId"]),
    (
        "stockUpdate",
        {"sku": "$sku", "quantity": 1, "type": "TRANSFER_IN"},
        ["MOVEMENT_TYPE_NOT_ALLOWED type"],
    ),
    (
        "warehouseCreate",
        {
            "code": "a b",
            "name": " ",
            "addressLine1": LONG,
            "postalCode": LONG,
            "country": "Mars",
            "priority": -1,
            "countries": ["NO", "Venus"],
            "isActive": False,
            "isDefault": True,
        },
        [
            "INVALID code",
            "REQUIRED name",
            "TOO_LONG addressLine1",
            "TOO_LONG postalCode",
            "INVALID country",
            "OUT_OF_RANGE priority",
            "INVALID countries.1",
            "WAREHOUSE_INACTIVE isDefault",
        ],
    ),
]
