"""New lines of an order: priced and taxed as the order is, for orders that staff edit or create from another one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.catalog.products.offers import Offer, OfferKey
from domains.catalog.service import CatalogService
from domains.kernel.database import Reader
from domains.kernel.errors import OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.validation import collect_errors, prefix_errors
from domains.kernel.values.money import UnitPrices, minor_unit
from domains.order import data
from domains.order.checkout.snapshots import product_snapshot
from domains.order.editing.errors import LineNotSold, TaxPlaceUnknown
from domains.order.editing.line_terms import LineTerms, PostalPlace, destination_of
from domains.order.models import Order
from domains.pricing.models import ShippingChoice, TaxedAmount
from domains.pricing.service import PricingService

MAX_UNITS: Final = 10_000
NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrderLine:
    """Units of a product or variant to add to an order; without a `unit_price` at its present price.

    A unit price is in the order's currency, with or without tax like the order's other prices.
    """

    product_id: UUID
    quantity: int
    variant_id: UUID | None = None
    unit_price: Decimal | None = None

    @property
    def key(self) -> OfferKey:
        """The product and variant."""
        return (self.product_id, self.variant_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltLines:
    """The rows of new lines and of their taxes, and what they are of stock.

    `units` are the tracked ones by SKU, which are to be reserved; the SKUs in `digital` are delivered by the payment,
    so they are never put on backorder. `weight` is that of the goods that are shipped, in kilograms.
    """

    items: Sequence[data.OrderItemCreate] = ()
    taxes: Sequence[data.OrderTaxCreate] = ()
    subtotal: Decimal = NOTHING
    units: Mapping[str, int] = field(default_factory=dict)
    digital: frozenset[str] = frozenset()
    weight: Decimal = NOTHING

    @property
    def tax(self) -> Decimal:
        """The tax of all lines."""
        return sum((item["tax_amount"] for item in self.items), NOTHING)

    @property
    def total(self) -> Decimal:
        """What is to be paid for all lines, with tax."""
        return sum((item["total_price"] for item in self.items), NOTHING)

    @property
    def ordered(self) -> int:
        """The number of units."""
        return sum(item["quantity"] for item in self.items)

    @property
    def digital_units(self) -> int:
        """The number of units that are not shipped."""
        return sum(item["quantity"] for item in self.items if not item.get("requires_shipping", True))


class NewLines:
    """Builds new lines of orders. It writes nothing."""

    def __init__(self, catalog: CatalogService, pricing: PricingService) -> None:
        self._catalog = catalog
        self._pricing = pricing

    async def terms(self, db: Reader, order: Order, at: PostalPlace | None) -> LineTerms:
        """How new lines of an order are taxed today, at its shipping address or else its billing address.

        Goods that are collected are taxed where that is. An address in another country than that of the order's
        taxes is one to which staff move the order. Two statements at most, none for what was read in the last
        seconds. Raises TaxPlaceUnknown for a pick-up point that was closed.
        """
        destination = None if at is None else destination_of(at, order.vat_number)
        terms = await self._pricing.terms(db, ShippingChoice(destination, order.shipping_method_id))
        is_closed = any(each.id == order.shipping_method_id and each.is_closed for each in terms.shipping.methods)
        if order.pickup_warehouse_id is not None and is_closed:
            raise TaxPlaceUnknown
        return LineTerms.of(order, terms)

    async def build(self, db: Reader, order_id: UUID, lines: Sequence[NewOrderLine], terms: LineTerms) -> BuiltLines:
        """The rows of new lines of an order, in their order, without discounts; each is a line of its own.

        Raises for all lines at once LineNotSold, OutOfRange for the quantity and the price, and TooManyDecimals.
        One statement, none without lines.
        """
        if not lines:
            return BuiltLines()
        offers = await self._catalog.offers.find(db, {line.key for line in lines})
        settings = await self._catalog.settings.current(db)
        prices = UnitPrices.of(terms.currency, settings.unit_price_decimals)
        priced: list[_PricedLine] = []
        with collect_errors() as each:
            for position, line in enumerate(lines):
                with each, prefix_errors((str(position),)):
                    priced.append(_priced(line, offers.get(line.key), terms, prices))
        return BuiltLines(
            items=[each.item(order_id) for each in priced],
            taxes=[tax for each in priced for tax in each.taxes(order_id)],
            subtotal=sum((each.subtotal for each in priced), NOTHING),
            units=_tracked_units(priced),
            digital=frozenset(each.offer.sku for each in priced if each.offer.sku and not each.is_shipped),
            weight=sum((each.weight for each in priced), NOTHING),
        )


@dataclass(frozen=True, slots=True)
class _PricedLine:
    """A new line with its amounts."""

    id: UUID
    offer: Offer
    quantity: int
    unit_price: Decimal
    subtotal: Decimal
    amount: TaxedAmount
    currency: str

    @property
    def is_gift_card(self) -> bool:
        """Whether its units are gift cards, which have a value."""
        return self.offer.product.is_gift_card and self.unit_price >= minor_unit(self.currency)

    @property
    def is_shipped(self) -> bool:
        """Whether staff deliver its units: goods, and gift cards that have no value."""
        if self.offer.product.is_gift_card:
            return not self.is_gift_card
        return self.offer.requires_shipping

    @property
    def weight(self) -> Decimal:
        """The kilograms of its units that are shipped."""
        return (self.offer.weight or NOTHING) * self.quantity if self.is_shipped else NOTHING

    def item(self, order_id: UUID) -> data.OrderItemCreate:
        """The row of the line."""
        product, variant = self.offer.product, self.offer.variant
        return {
            "id": self.id,
            "order_id": order_id,
            "product_id": product.id,
            "variant_id": variant.id if variant else None,
            "product_name": product.name,
            "variant_name": variant.name if variant else None,
            "sku": self.offer.sku or "",
            "quantity": self.quantity,
            "unit_price": self.unit_price,
            "discount_amount": NOTHING,
            "tax_rate": self.amount.tax_rate,
            "is_gift_card": self.is_gift_card,
            "requires_shipping": self.is_shipped,
            "tax_amount": self.amount.tax,
            "total_price": self.amount.total,
            "currency": self.currency,
            "product_snapshot": product_snapshot(self.offer),
        }

    def taxes(self, order_id: UUID) -> list[data.OrderTaxCreate]:
        """The rows of its taxes; a line of zero has none."""
        return tax_rows(order_id, self.id, self.amount, self.currency)


def tax_rows(
    order_id: UUID, item_id: UUID | None, amount: TaxedAmount, currency: str, part: int = 0
) -> list[data.OrderTaxCreate]:
    """The rows of the taxes of a line, or of a part of shipping; an amount of zero has none."""
    if not amount.total:
        return []
    return [
        {
            "order_id": order_id,
            "order_item_id": item_id,
            "part": part,
            "name": tax.name,
            "rate": tax.rate,
            "taxable": tax.taxable,
            "amount": tax.amount,
            "currency": currency,
        }
        for tax in amount.taxes
    ]


def require_units(quantity: int) -> int:
    """The quantity of a new line. Raises OutOfRange below one and above 10,000 units."""
    if not 1 <= quantity <= MAX_UNITS:
        raise OutOfRange(f"The quantity must be between 1 and {MAX_UNITS:,}.", field=("quantity",))
    return quantity


def _priced(line: NewOrderLine, offer: Offer | None, terms: LineTerms, prices: UnitPrices) -> _PricedLine:
    """A new line with its amounts; raises as `build`."""
    with collect_errors() as each:
        with each:
            sold = _sold(offer)
            unit_price = terms.price(sold)
        with each:
            quantity = require_units(line.quantity)
        with each:
            if line.unit_price is not None:
                unit_price = prices.require(line.unit_price, field=("unit_price",))
    subtotal = terms.subtotal(unit_price, quantity)
    amount = terms.amount(sold, subtotal)
    return _PricedLine(new_id(), sold, quantity, unit_price, subtotal, amount, terms.currency)


def _sold(offer: Offer | None) -> Offer:
    if offer is None or not offer.is_sold:
        raise LineNotSold(None if offer is None else offer.name)
    return offer


def _tracked_units(lines: Sequence[_PricedLine]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        if line.offer.sku and line.offer.is_tracked:
            units[line.offer.sku] = units.get(line.offer.sku, 0) + line.quantity
    return units
