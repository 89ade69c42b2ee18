"""What an order keeps of the world as it was: addresses, products and prices, copied once and never changed."""

from typing import Any, Final, cast
from uuid import UUID

from domains.auth.addresses import checked_address
from domains.auth.models import AddressChanges
from domains.cart.models import CartLine
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.text.validation import Required
from domains.kernel.validation import about, collect_errors
from domains.order.below import Below
from domains.order.data import OrderAddressCreate, OrderItemCreate, OrderPromotionCreate
from domains.order.models import AddressFields, NewOrder
from domains.promotion.totals import LineTotal, Totals

FIELDS: Final = (
    "full_name",
    "address_line_1",
    "address_line_2",
    "city",
    "postal_code",
    "province",
    "country",
    "phone",
)


async def addresses(below: Below, tx: Tx, actor: Actor, given: NewOrder) -> list[OrderAddressCreate]:
    """Frozen copies of the addresses, with their new ids: where it is sent and, if that is another, who is billed.

    No statement for an address that was typed in, one for an address of the book. Raises, of both addresses at once,
    AddressNotFound (also for somebody else's), Required, TooLong, InvalidInput.
    """
    frozen: list[OrderAddressCreate] = []
    with collect_errors() as each:
        with each:
            if given.shipping is None:
                raise Required("Give `shippingAddress` or `shippingAddressId`.", field=("shipping_address",))
            frozen.append(await _frozen(below, tx, actor, given.shipping, "shipping_address"))
        with each:
            if given.billing is not None and given.billing != given.shipping:
                frozen.append(await _frozen(below, tx, actor, given.billing, "billing_address"))
    return frozen


async def _frozen(below: Below, tx: Tx, actor: Actor, given: AddressFields | UUID, field: str) -> OrderAddressCreate:
    if isinstance(given, UUID):
        known = await below.auth.addresses.find_own(tx, actor, given, field=(f"{field}_id",))
        fields = _fields(known)
    else:
        with about((field,)):
            fields = dict(checked_address(cast("AddressChanges", _fields(given))))
    return cast("OrderAddressCreate", {"id": new_id(), **{name: fields[name] for name in FIELDS}})


def _fields(address: object) -> dict[str, Any]:
    return {name: getattr(address, name) for name in FIELDS}


def item(order_id: UUID, line: CartLine, total: LineTotal, currency: str) -> OrderItemCreate:
    """A line of the order with its figures and the product as it was sold."""
    offer = line.offer
    return {
        "order_id": order_id,
        "product_id": offer.product.id,
        "variant_id": offer.variant.id if offer.variant else None,
        "product_name": offer.product.name,
        "variant_name": offer.variant.name if offer.variant else None,
        "sku": offer.sku or "",
        "quantity": total.quantity,
        "unit_price": total.unit_price,
        "discount_amount": total.discount,
        "tax_amount": total.tax,
        "total_price": total.total,
        "currency": currency,
        "product_snapshot": _snapshot(line, total),
    }


def promotions(order_id: UUID, totals: Totals) -> list[OrderPromotionCreate]:
    """What took something off an order, by the names and codes of that time."""
    return [
        {
            "order_id": order_id,
            "promotion_id": discount.promotion_id,
            "promo_code": discount.code,
            "discount_amount": discount.amount,
            "currency": totals.currency,
            "promotion_name": discount.name,
        }
        for discount in totals.applied
    ]


def _snapshot(line: CartLine, total: LineTotal) -> dict[str, Any]:
    product, variant = line.offer.product, line.offer.variant
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
        "discounts": [
            {
                "promotion_id": str(discount.promotion_id),
                "name": discount.name,
                "code": discount.code,
                "amount": format(discount.amount, "f"),
                "explanation": discount.explanation,
            }
            for discount in total.discounts
        ],
    }
