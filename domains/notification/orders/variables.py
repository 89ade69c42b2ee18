"""The variables of an order, a shipment and a return, as templates get them. Pure.

Amounts are texts in the scale of the currency, times and days are in ISO 8601.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from babel import Locale

from domains.kernel.values.money import round_half_up
from domains.order.lifecycle import amount_due
from domains.order.models import Order, OrderAddress, OrderItem
from domains.order.summary import OrderFacts
from domains.returns.models import ReturnAuthorization, ReturnItem, ReturnRefund, ReturnRequest
from domains.shipping.shipments.models import Shipment, ShipmentLine

Variables = Mapping[str, Any]
MOST_ITEMS: Final = 100
"""The lines of an order that a message lists; the rest is on its page in the shop."""


def order_variables(
    order: Order, items: Sequence[OrderItem], addresses: Sequence[OrderAddress], storefront: str | None, language: str
) -> Variables:
    """The variables of an order with what is left of its lines; `language` is that of the names of countries."""
    lines = {address.id: address_lines(address, language) for address in addresses}
    amounts = {
        "subtotal": order.subtotal,
        "discount": order.discount_amount,
        "shipping": order.shipping_cost,
        "tax": order.tax_amount,
        "total": order.total,
        "amount_due": amount_due(OrderFacts.of(order)),
    }
    left = [item for item in items if item.quantity > item.dropped_quantity]
    day = order.estimated_delivery_date
    return {
        "id": str(order.id),
        "number": order.order_number,
        "placed_at": order.created_at.isoformat(),
        "currency": order.currency,
        "items": [_item(item) for item in left[:MOST_ITEMS]],
        **{name: amount_text(amount, order.currency) for name, amount in amounts.items()},
        "is_paid": order.paid_at is not None,
        "prices_include_tax": order.prices_include_tax,
        "shipping_address": lines.get(order.shipping_address_id) if order.shipping_address_id else None,
        "billing_address": lines.get(order.billing_address_id) if order.billing_address_id else None,
        "shipping_method": order.shipping_method,
        "estimated_delivery_date": day.isoformat() if day else None,
        "url": f"{storefront.rstrip('/')}/orders/{order.order_number}" if storefront else None,
    }


def shipment_variables(shipment: Shipment, lines: Sequence[ShipmentLine], items: Sequence[OrderItem]) -> Variables:
    """The variables of a shipment, with its units in the order of the order's lines."""
    quantities = {line.order_item_id: line.quantity for line in lines}
    found = [item for item in items if item.id in quantities]
    day = shipment.estimated_delivery_date
    return {
        "carrier": shipment.carrier_name,
        "tracking_number": shipment.tracking_number,
        "tracking_url": shipment.tracking_url,
        "items": [
            {"name": item.product_name, "variant": item.variant_name, "quantity": quantities[item.id]}
            for item in found[:MOST_ITEMS]
        ],
        "estimated_delivery_date": day.isoformat() if day else None,
    }


def return_variables(
    request: ReturnRequest,
    items: Sequence[ReturnItem],
    authorization: ReturnAuthorization | None,
    refund: ReturnRefund | None,
) -> Variables:
    """The variables of a return: the units that were approved, or those that the buyer wants to return before."""
    units = [(item, item.quantity if authorization is None else item.approved) for item in items]
    return {
        "rma_number": request.rma_number,
        "items": [
            {"name": item.product_name, "variant": item.variant_name, "quantity": number}
            for item, number in units
            if number
        ][:MOST_ITEMS],
        "instructions": (authorization.return_instructions or None) if authorization else None,
        "rejection_reason": request.rejection_reason,
        "refund": refund_variables(refund.amount, refund.currency, refund.refund_method) if refund else None,
    }


def refund_variables(amount: Decimal, currency: str, destination: str) -> Variables:
    """The variables of a refund; `destination` is ORIGINAL_PAYMENT, STORE_CREDIT or EXCHANGE."""
    return {"amount": amount_text(amount, currency), "currency": currency, "destination": str(destination)}


def amount_text(amount: Decimal, currency: str) -> str:
    """An amount in the scale of its currency."""
    return str(round_half_up(amount, currency))


def address_lines(address: OrderAddress, language: str) -> list[str]:
    """The lines of an address, with the name of its country in a language."""
    city = " ".join(part for part in (address.postal_code, address.city) if part)
    lines = [
        address.full_name,
        address.company_name,
        address.address_line_1,
        address.address_line_2,
        ", ".join(part for part in (city, address.province) if part),
        Locale.parse(language).territories.get(address.country, address.country),
    ]
    return [line for line in lines if line]


def _item(item: OrderItem) -> Variables:
    snapshot: Any = item.product_snapshot
    image = snapshot.get("image")
    return {
        "name": item.product_name,
        "variant": item.variant_name,
        "sku": item.sku,
        "quantity": item.quantity - item.dropped_quantity,
        "total": amount_text(item.total_price, item.currency),
        "image_url": image if isinstance(image, str) and image.startswith(("https://", "http://")) else None,
    }
