"""The taxes of an order at another place, when staff change its shipping address. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domains.order.editing.amounts import EditedLine, OrderedLine, ShippingParts
from domains.order.editing.contents import OrderContents
from domains.order.editing.errors import AddressNotEditable
from domains.order.editing.line_terms import LineTerms
from domains.order.editing.new_lines import BuiltLines
from domains.order.models import Order
from domains.pricing.taxes import split_like, taxed
from domains.tax.models import NO_TAXES, Tax, Taxes


@dataclass(frozen=True, slots=True)
class NewPlace:
    """The place of a new address, by which an order is taxed."""

    country: str
    province: str | None
    postal_code: str


def require_kept(order: Order, terms: LineTerms) -> None:
    """Raise AddressNotEditable for a place to which the order cannot be moved as it is.

    Its shipping method must serve it, and its exemption and the country of its VAT number stay.
    """
    served = (each for each in terms.shipping.methods if each.id == order.shipping_method_id and not each.is_closed)
    if next(served, None) is None:
        raise AddressNotEditable(f"{order.shipping_method or 'The shipping method'} does not ship there")
    if order.tax_exemption != terms.taxes.exemption:
        raise AddressNotEditable("The order would be taxed there by other rules: cancel it, and order again")
    if order.vat_number is not None and terms.place is not None and terms.place.country != order.tax_country:
        raise AddressNotEditable("The buyer's VAT number is of another country: cancel the order, and order again")


def taxes_of(terms: LineTerms, contents: OrderContents, line: OrderedLine) -> Taxes:
    """The taxes of a line at the place of the terms; those of the standard class if its product is gone."""
    offer = contents.offers.get(line.item.id)
    if offer is not None:
        return terms.taxes_of(offer)
    is_untaxed = line.item.is_gift_card or terms.taxes.exemption is not None
    return NO_TAXES if is_untaxed else terms.taxes.standard


def shipping(
    terms: LineTerms, contents: OrderContents, lines: Sequence[EditedLine], built: BuiltLines, tax: Decimal
) -> ShippingParts:
    """Shipping at the same price before taxes that are added to prices, with the taxes of the new place."""
    order, currency, is_included = contents.order, terms.currency, terms.is_included
    amount = order.shipping_cost if is_included else order.shipping_cost - tax
    own = NO_TAXES if terms.taxes.exemption is not None else terms.taxes.shipping
    if own is not None:
        return ShippingParts(order.shipping_cost, tax, (taxed(amount, own, currency, is_included=is_included),))
    goods = [
        (tuple(Tax(each.name, each.rate) for each in line.amount.taxes), line.subtotal - line.discount, line.subtotal)
        for line in lines
        if line.item.requires_shipping
    ]
    rates: dict[object, list[Tax]] = {}
    for row in built.taxes:
        rates.setdefault(row.get("order_item_id"), []).append(Tax(row["name"], row["rate"]))
    for item in built.items:
        if item.get("requires_shipping", True):
            left = item["total_price"] if is_included else item["total_price"] - item["tax_amount"]
            goods.append((tuple(rates.get(item["id"], ())), left, left))
    is_paid = any(left for _, left, _ in goods)
    weights = [(taxes, left if is_paid else subtotal) for taxes, left, subtotal in goods]
    parts = split_like(amount, weights, terms.taxes.standard, currency, is_included=is_included)
    return ShippingParts(order.shipping_cost, tax, parts)
