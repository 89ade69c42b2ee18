"""Quotes of carts, and the total that was last shown to their buyers."""

from collections.abc import Collection
from decimal import Decimal

from domains.cart import sql
from domains.cart.models import CartContents, PricedCart
from domains.cart.shipping.cart_shipping import CartShipping
from domains.cart.shipping.choices import choice_of
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader
from domains.pricing.models import Quote
from domains.pricing.quote import quote
from domains.pricing.service import PricingService
from domains.promotion.service import PromotionService


class CartQuotes:
    """Computes quotes of carts by the same rules as those of orders."""

    def __init__(
        self, promotion: PromotionService, pricing: PricingService, shipping: CartShipping, clock: Clock
    ) -> None:
        self._promotion = promotion
        self._pricing = pricing
        self._clock = clock
        self.shipping = shipping

    async def of(self, db: Reader, carts: Collection[CartContents]) -> list[Quote]:
        """The current quotes of carts, in their order; see `priced`."""
        return [cart.quote for cart in await self.priced(db, carts)]

    async def priced(self, db: Reader, carts: Collection[CartContents]) -> list[PricedCart]:
        """Carts with their current quotes for their destinations, in their order, without lines that are not sold.

        The shipping is that of the method that the buyer chose, otherwise of the cheapest one. Amounts are in the
        company's currency. Two statements. Raises CompanyNotFound.
        """
        now = self._clock.now()
        choices = [choice_of(contents, now) for contents in carts]
        terms = await self._pricing.terms_of(db, set(choices))
        promotions = await self._promotion.candidates(
            db,
            {promotion_id for contents in carts for promotion_id in contents.promotion_ids},
            now,
            {coupon for contents in carts for coupon in contents.coupons.items()},
        )
        buyers = await self._promotion.find_buyers(db, {contents.cart.buyer_key for contents in carts})
        priced: list[PricedCart] = []
        for contents, choice in zip(carts, choices, strict=True):
            rules = [rule for rule in promotions if contents.may_have(rule)]
            of_sale, buyer = terms[choice], buyers[contents.cart.buyer_key]
            quoted = quote(contents.priced, rules, of_sale.taxes, of_sale.shipping, buyer, now)
            priced.append(PricedCart(contents, quoted, of_sale))
        return priced

    async def store_shown_total(
        self, db: Database, actor: Actor, contents: CartContents, quoted: Quote, due: Decimal | None
    ) -> None:
        """Store the total that is shown to the buyer of a cart; not for other actors, and not if it is unchanged.

        `due` is what its tenders leave of it, None without tenders. At most one statement, which is its own
        transaction.
        """
        cart = contents.cart
        shown = (quoted.total, quoted.currency, due) if contents.lines else (None, None, None)
        if cart.is_of(actor) and shown != (cart.quoted_total, cart.quoted_currency, cart.quoted_due):
            await db.run_statement(lambda tx: sql.store_shown_total(tx, cart.id, *shown), actor)
