"""Inputs of carriers and shipping labels with several errors, for `test_error_collection`."""

from typing import Any, Final

LONG: Final = "x" * 50_001
# The mutation, its input, and the codes with their paths.
CASES: Final[list[tuple[str, dict[str, Any], list[str]]]] = [
    (
        "carrierCreate",
        {
            "name": " ",
            "code": "§",
            "adapter": "MOCK",
            "apiEndpoint": "nowhere",
            "credentials": [{"name": "account_number", "value": "a b"}, {"name": "unknown", "value": "1"}],
        },
        [
            "REQUIRED name",
            "INVALID code",
            "CARRIER_ENDPOINT_REFUSED apiEndpoint",
            "INVALID credentials.0",
            "CARRIER_CREDENTIAL_UNKNOWN credentials.1",
        ],
    ),
    (
        "carrierUpdate",
        {"id": "$carrier", "name": LONG, "code": None, "adapter": "PIGEON", "isActive": None},
        ["TOO_LONG name", "INVALID code", "CARRIER_ADAPTER_UNKNOWN adapter", "REQUIRED isActive"],
    ),
    (
        "shipmentUpdate",
        {
            "shipmentId": "$shipment",
            "carrierId": "$category",
            "trackingNumber": "§",
            "trackingUrl": "nowhere",
            "weight": "0",
            "cost": "0.001",
        },
        [
            "NOT_FOUND carrierId",
            "INVALID trackingNumber",
            "INVALID trackingUrl",
            "OUT_OF_RANGE weight",
            "TOO_MANY_DECIMALS cost",
        ],
    ),
    (
        "shippingLabelBuy",
        {
            "idempotencyKey": "a label",
            "orderId": "$order",
            "carrierId": "$carrier",
            "service": " ",
            "parcel": {"weight": "-1", "length": "0.001", "width": "1001"},
            "trackingNumber": "1Z999",
            "cost": "1",
        },
        [
            "ORIGIN_UNKNOWN ",
            "ORDER_NOT_SHIPPABLE orderId",
            "REQUIRED service",
            "OUT_OF_RANGE parcel.weight",
            "TOO_MANY_DECIMALS parcel.length",
            "OUT_OF_RANGE parcel.width",
            "REQUIRED parcel.height",
            "NOT_APPLICABLE trackingNumber",
            "NOT_APPLICABLE cost",
        ],
    ),
]
