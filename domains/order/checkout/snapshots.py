"""Snapshots in an order: products, prices and promotions, copied once and never changed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.cart.models import CartContents, CartLine
from domains.catalog.products.offers import Offer
from domains.kernel.ids import new_id
from domains.kernel.values.money import minor_unit
from domains.order.data import (
    OrderAdjustmentCreate,
    OrderAdjustmentSource,
    OrderItemCreate,
    OrderPromotionCreate,
    OrderTaxCreate,
)
from domains.pricing.models import Adjustment, LineQuote, Quote, TaxedAmount
from domains.promotion.rules import DiscountSource, Redemption


def item(
    order_id: UUID, line: CartLine, total: LineQuote, currency: str, *, is_shipped: bool = True
) -> OrderItemCreate:
    """A line of the order with its amounts and a snapshot of the product."""
    offer = line.offer
    return {
        "id": new_id(),
        "order_id": order_id,
        "product_id": offer.product.id,
        "variant_id": offer.variant.id if offer.variant else None,
        "product_name": offer.product.name,
        "variant_name": offer.variant.name if offer.variant else None,
        "sku": offer.sku or "",
        "quantity": total.quantity,
        "unit_price": total.unit_price,
        "discount_amount": total.discount,
        "tax_rate": total.tax_rate,
        "is_gift_card": is_gift_card(line, total, currency),
        "requires_shipping": not is_digital(line, total, currency, is_shipped=is_shipped),
        "tax_amount": total.tax,
        "total_price": total.total,
        "currency": currency,
        "product_snapshot": product_snapshot(offer),
    }


def is_gift_card(line: CartLine, total: LineQuote, currency: str) -> bool:
    """Whether the units of a line are gift cards; each has a value, of at least the currency's minor unit."""
    return line.offer.product.is_gift_card and total.unit_price >= minor_unit(currency)


def is_digital(line: CartLine, total: LineQuote, currency: str, *, is_shipped: bool) -> bool:
    """Whether the units of a line are delivered by the payment; staff deliver gift cards that have no value."""
    if line.offer.product.is_gift_card:
        return is_gift_card(line, total, currency)
    return not is_shipped


def promotions(order_id: UUID, totals: Quote) -> list[OrderPromotionCreate]:
    """The promotions that discount an order, with their current names and codes; no coupons."""
    return [
        {
            "order_id": order_id,
            "promotion_id": discount.source_id,
            "promo_code": discount.code,
            "discount_amount": discount.amount,
            "currency": totals.currency,
            "promotion_name": discount.name,
        }
        for discount in totals.adjustments
        if discount.source is DiscountSource.PROMOTION
    ]


def redemptions(totals: Quote, contents: CartContents) -> list[Redemption]:
    """The promotions and coupons that an order of a cart redeems, with the unique codes of the coupons."""
    return [
        Redemption(each.source, each.source_id, each.amount, contents.coupons.get(each.source_id))
        for each in totals.adjustments
    ]


def adjustments(
    order_id: UUID, items: Sequence[tuple[UUID, LineQuote]], totals: Quote
) -> list[OrderAdjustmentCreate]:
    """What promotions and coupons take off each line, in the order in which they apply, and off shipping.

    `items` are the ids of the order's lines, each with its quote.
    """
    rows: list[OrderAdjustmentCreate] = []
    left = {discount.source_id: discount.amount for discount in totals.adjustments}
    for item_id, line in items:
        for discount in line.adjustments:
            left[discount.source_id] -= discount.amount
            rows.append(_adjustment(order_id, item_id, discount, discount.amount, totals.currency))
    of_shipping = [discount for discount in totals.adjustments if left[discount.source_id]]
    rows += [
        _adjustment(order_id, None, discount, left[discount.source_id], totals.currency) for discount in of_shipping
    ]
    return rows


def _adjustment(
    order_id: UUID, item_id: UUID | None, discount: Adjustment, amount: Decimal, currency: str
) -> OrderAdjustmentCreate:
    return {
        "id": new_id(),
        "order_id": order_id,
        "order_item_id": item_id,
        "source_type": OrderAdjustmentSource(discount.source),
        "source_id": discount.source_id,
        "code": discount.code,
        "name": discount.name,
        "description": discount.explanation,
        "amount": amount,
        "currency": currency,
    }


def taxes(order_id: UUID, items: Sequence[tuple[UUID, LineQuote]], totals: Quote) -> list[OrderTaxCreate]:
    """The taxes of an order's lines, and of the parts of its shipping; an amount of zero has none.

    `items` are the ids of the order's lines, each with its quote.
    """
    parts: list[tuple[UUID | None, int, TaxedAmount]] = [(item_id, 0, line.taxed) for item_id, line in items]
    parts += [(None, number, part) for number, part in enumerate(totals.shipping.parts)]
    return [
        {
            "order_id": order_id,
            "order_item_id": item_id,
            "part": number,
            "name": tax.name,
            "rate": tax.rate,
            "taxable": tax.taxable,
            "amount": tax.amount,
            "currency": totals.currency,
        }
        for item_id, number, part in parts
        if part.total
        for tax in part.taxes
    ]


def product_snapshot(offer: Offer) -> dict[str, Any]:
    """What an order keeps of a product or variant as it is now."""
    product, variant = offer.product, offer.variant
    image = (variant.image if variant else None) or product.image
    return {
        "slug": product.slug,
        "name": product.name,
        "brand": product.brand,
        "description": product.description,
        "image": image,
        "category_id": str(product.category_id),
        "variant": variant.name if variant else None,
        "options": [{"name": option.name, "value": option.value} for option in variant.options] if variant else [],
    }
