"""The quotes of a checkout: the amounts of its lines, and those that the buyer was shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domains.cart.models import CartContents
from domains.cart.shipping.choices import choice_of, shipped_lines
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Part, PartRows
from domains.order.checkout.order_addresses import OrderAddresses
from domains.order.models import NewOrder
from domains.pricing.models import Quote, ShippingChoice, Terms
from domains.pricing.quote import quote
from domains.pricing.service import PricingService
from domains.promotion.eligibility import is_for_first_orders
from domains.promotion.rules import Buyer, BuyerIdentity, DiscountRule, PricedLine
from domains.promotion.service import PromotionService
from domains.shipping.models import ShippingMethodType


@dataclass(frozen=True, slots=True)
class CheckoutQuote:
    """The quote of an order at a time. `seen` is the quote at the price snapshots, if a price has changed.

    `shown` is the quote that the cart shows for the destination of the order. It depends neither on the promotion
    uses of others at the shipping address, nor on an unconfirmed e-mail address. `first_orders` are the promotions
    for first orders among those that may apply.
    """

    terms: Terms
    shown: Quote
    totals: Quote
    seen: Quote | None
    first_orders: frozenset[UUID]
    at: datetime


class Quotes:
    """Computes the quotes of checkouts."""

    def __init__(self, promotion: PromotionService, pricing: PricingService, clock: Clock) -> None:
        self._promotion = promotion
        self._pricing = pricing
        self._clock = clock

    async def of(
        self, tx: Tx, contents: CartContents, identity: BuyerIdentity, choice: ShippingChoice, *others: Part
    ) -> tuple[CheckoutQuote, list[PartRows]]:
        """The quote of a cart for a buyer, now, shipped as chosen; and the rows of other parts of its statement."""
        now = self._clock.now()
        discounts, buyer, rows = await self._discounts(tx, contents, identity, now, others)
        terms = await self._pricing.terms(tx, choice)

        def amounts(lines: Sequence[PricedLine], buyer: Buyer) -> Quote:
            return quote(lines, discounts, terms.taxes, terms.shipping, buyer, now)

        totals = shown = amounts(contents.priced, replace(buyer, spent={}))
        if not buyer.spent.keys().isdisjoint(adjustment.source_id for adjustment in shown.adjustments):
            totals = amounts(contents.priced, buyer)
        is_changed = any(line.is_price_changed for line in contents.lines)
        seen = amounts(_as_seen(contents), buyer) if is_changed else None
        first_orders = frozenset(rule.id for rule in discounts if is_for_first_orders(rule.type))
        return CheckoutQuote(terms, shown, totals, seen, first_orders, now), rows

    async def is_address_required(self, tx: Tx, new_order: NewOrder, contents: CartContents) -> bool:
        """Whether an order needs a shipping address: not if its goods are collected, or not shipped at all.

        No statement for known zones.
        """
        if not shipped_lines(contents) or new_order.shipping is not None:
            return False
        choice = choice_of(contents, self._clock.now(), method_id=new_order.shipping_method_id)
        methods = (await self._pricing.terms(tx, choice)).shipping.methods
        return not any(
            method.id == choice.method_id and method.type is ShippingMethodType.PICKUP for method in methods
        )

    def choice(
        self, new_order: NewOrder, contents: CartContents, addresses: OrderAddresses, vat_number: str | None
    ) -> ShippingChoice:
        """How the goods of a cart are shipped to the shipping address, or handed over at its destination.

        An order without goods to ship is taxed for its first address.
        """
        destination, place = contents.cart.destination, addresses.place(vat_number)
        if not shipped_lines(contents):
            return ShippingChoice(place)
        if addresses.shipping is None and destination is not None:
            place = replace(destination, vat_number=vat_number if destination.country == place.country else None)
        return choice_of(contents, self._clock.now(), place, method_id=new_order.shipping_method_id)

    async def _discounts(
        self, tx: Tx, contents: CartContents, identity: BuyerIdentity, now: datetime, others: Sequence[Part]
    ) -> tuple[list[DiscountRule], Buyer, list[PartRows]]:
        """The discounts that may apply to a cart, its buyer, and the rows of other parts. One statement."""
        parts = [self._promotion.candidates_with_buyer(tx, contents.promotion_ids, now, identity), *others]
        if contents.coupons:
            parts.append(self._promotion.coupons.candidates_with_buyer(tx, contents.coupons.items(), identity))
        rows, *found = await fetch_parts(tx, parts)
        other_rows, of_coupons = found[: len(others)], found[len(others) :]
        discounts, buyer = self._promotion.rules_and_buyer(rows, identity)
        for coupon_rows in of_coupons:
            coupons, buyer = self._promotion.coupons.rules_and_buyer(coupon_rows, buyer)
            discounts += coupons
        return discounts, buyer, other_rows


def _as_seen(contents: CartContents) -> list[PricedLine]:
    """The lines at the prices that the buyer last saw."""
    lines = zip(contents.priced, contents.lines, strict=True)
    return [replace(priced, unit_price=line.price_snapshot.amount) for priced, line in lines]
