"""Payloads of events of shipments, returns and invoices as the outbox stores them."""

from typing import Any, Final

from tests.gateway.messaging.samples_of_events.stored_tenders import BUYERS, FOLLOWING, GONE, ORDER

_SHIPMENT: Final = {"shipment_id": GONE, "order_id": ORDER, "position": 1}
_LINES: Final = [{"order_item_id": GONE, "sku": "A", "quantity": 2}]
_RETURN: Final = {"return_request_id": GONE, "rma_number": "RMA-1001", "order_id": ORDER}
_UNITS: Final = [{"sku": "A", "quantity": 2}]

SHIPMENTS: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("shipment.created", 1, {**_SHIPMENT, "warehouse_id": GONE, "lines": _LINES}, []),
    (
        "shipment.dispatched",
        1,
        {**_SHIPMENT, "warehouse_id": GONE, "carrier_id": None, "tracking_number": "1Z999", "lines": _LINES},
        [*BUYERS, FOLLOWING],
    ),
    ("shipment.updated", 1, {**_SHIPMENT, "changed": ["weight"]}, []),
    ("shipment.divided", 1, {**_SHIPMENT, "new_shipment_id": ORDER, "lines": _LINES}, []),
    ("shipment.cancelled", 1, _SHIPMENT, []),
]
RETURNS: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("returns.settings_updated", 1, {"company_id": "the company", "changed": ["return_window_days"]}, []),
    ("return.requested", 1, {**_RETURN, "lines": _UNITS}, BUYERS),
    ("return.approved", 1, {**_RETURN, "lines": _UNITS}, BUYERS),
    ("return.rejected", 1, _RETURN, BUYERS),
    ("return.shipped", 1, _RETURN, []),
    ("return.received", 1, {**_RETURN, "lines": _UNITS, "is_complete": True}, BUYERS),
    ("return.inspected", 1, {**_RETURN, "restocked": _UNITS, "damaged": []}, []),
    ("return.closed", 1, _RETURN, []),
    (
        "return.refunded",
        1,
        {
            **_RETURN,
            "return_refund_id": GONE,
            "method": "ORIGINAL_PAYMENT",
            "status": "COMPLETED",
            "amount": "20.00",
            "currency": "EUR",
        },
        BUYERS,
    ),
]
INVOICES: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    (
        "order.invoice_issued",
        1,
        {
            "order_id": ORDER,
            "order_number": "2026-000042",
            "invoice_id": GONE,
            "kind": "INVOICE",
            "number": "INV-2026-0001",
            "refund_id": None,
            "total": "20.00",
            "currency": "EUR",
        },
        BUYERS,
    ),
    ("order.document_settings_updated", 1, {"company_id": "the company", "changed": ["legal_name"]}, []),
]
