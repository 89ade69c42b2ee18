"""Quotes of carts: their figures now, and the total that their buyers were last shown."""

from collections.abc import Collection

from domains.cart import sql
from domains.cart.models import CartContents
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader
from domains.kernel.values.money import Money
from domains.pricing.models import Quote
from domains.pricing.quote import quote
from domains.pricing.service import PricingService
from domains.promotion.service import PromotionService


class CartQuotes:
    """Quotes carts by the same rules as orders."""

    def __init__(self, promotion: PromotionService, pricing: PricingService, clock: Clock) -> None:
        self._promotion = promotion
        self._pricing = pricing
        self._clock = clock

    async def of(self, db: Reader, carts: Collection[CartContents]) -> list[Quote]:
        """The figures of carts now, in their order; lines that are not for sale cost nothing.

        Amounts are in the company's currency. Two statements. Raises CompanyNotFound.
        """
        now, terms = self._clock.now(), await self._pricing.terms(db)
        promotions = await self._promotion.candidates(
            db, {promotion_id for each in carts for promotion_id in each.promotion_ids}, now
        )
        buyers = await self._promotion.find_buyers(db, {each.cart.buyer_key for each in carts})
        return [
            quote(
                each.priced,
                [one for one in promotions if one.is_automatic or one.id in each.promotion_ids],
                terms.taxes,
                terms.shipping,
                buyers[each.cart.buyer_key],
                now,
            )
            for each in carts
        ]

    async def note_shown(self, db: Database, actor: Actor, contents: CartContents, quoted: Quote) -> None:
        """Store the total that is shown to a cart's own buyer; nothing for anyone else, and when it is the last one.

        No statement, or one that is a transaction by itself.
        """
        cart = contents.cart
        shown = Money(quoted.total, quoted.currency) if contents.lines else None
        if cart.is_of(actor) and shown != cart.quote:
            columns = (shown.amount, shown.currency) if shown else (None, None)
            await db.run_statement(lambda tx: sql.quote(tx, cart.id, *columns), actor)
