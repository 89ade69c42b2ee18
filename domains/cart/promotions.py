"""The codes of carts: of promotions, and of coupons."""

from datetime import datetime
from uuid import UUID

from domains.cart import code_sql, data, locking, sql
from domains.cart.errors import CartEmpty, CartLimitExceeded, CartNotFound, CodeNotInCart, CouponNotInCart
from domains.cart.events import CartChanged
from domains.cart.models import MAX_CODES, Cart, CartContents, CartRef, PricedCart
from domains.cart.shipping.choices import choice_of
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.values.money import Money
from domains.pricing.quote import quote
from domains.pricing.service import PricingService
from domains.promotion.rules import DiscountRule
from domains.promotion.service import PromotionService


class CartPromotions:
    """Adds codes to carts and removes them."""

    def __init__(self, promotion: PromotionService, pricing: PricingService, clock: Clock) -> None:
        self._promotion = promotion
        self._pricing = pricing
        self._clock = clock

    async def apply(self, tx: Tx, ref: CartRef, code: str, *, is_shown: bool = False) -> PricedCart:
        """Add the code of a promotion or coupon that the buyer can use on the cart now. Idempotent.

        A cart has one code of a coupon: another one replaces it.

        A code that waits for a guest's address to be confirmed is added, and takes nothing off until then. Returns
        the contents of the cart with its figures; with `is_shown`, the total is stored as the one that the buyer is
        shown. It writes once and locks nothing before that, so it needs no transaction (`Database.run_statement`).
        Attempts are counted by `code_attempts` of the promotions. Two statements, three for a user. Raises
        CartNotFound, CartEmpty, PromoCodeInvalid with the reason, CartLimitExceeded beyond ten codes. Emits
        CartChanged when the cart did not have the code.
        """
        now = self._clock.now()
        contents, rules = await self._read(tx, ref, code, now)
        cart = contents.cart
        terms = await self._pricing.terms(tx, choice_of(contents, now))
        if not contents.lines:
            raise CartEmpty
        buyer = (await self._promotion.find_buyers(tx, {cart.buyer_key}))[cart.buyer_key]
        wanted = self._promotion.require_usable(rules, code, buyer, contents.goods_subtotal)
        is_known = contents.has_code(wanted)
        contents.add_code(wanted)
        discounts = [rule for rule in rules if contents.may_have(rule)]
        quoted = quote(contents.priced, discounts, terms.taxes, terms.shipping, buyer, now)
        if is_known:
            return PricedCart(contents, quoted, terms)
        shown = Money(quoted.total, quoted.currency) if is_shown and cart.is_of(tx.actor) else None
        tx.emit(CartChanged.of(cart))
        if not await code_sql.add_code(tx, cart.id, wanted, now, ref.expiry(now), shown):
            return await self._apply_again(tx, ref, code, wanted)
        return PricedCart(contents.shown(shown) if shown else contents, quoted, terms)

    async def _apply_again(self, tx: Tx, ref: CartRef, code: str, wanted: DiscountRule) -> PricedCart:
        """Apply a code that a concurrent request has just added. Raises CartLimitExceeded for too many codes."""
        contents, _ = await self._read(tx, ref, code, self._clock.now())
        if not contents.has_code(wanted):
            raise CartLimitExceeded(f"A cart has at most {MAX_CODES} codes.", field=("code",))
        return await self.apply(tx, ref, code)

    async def _read(
        self, db: Reader, ref: CartRef, code: str, now: datetime
    ) -> tuple[CartContents, list[DiscountRule]]:
        """The contents of a cart, and the discounts that may apply to it with a code. Raises CartNotFound."""
        promotions = self._promotion.candidates_of_codes(db, sql.OWN_CODES, now, code=code)
        coupons = self._promotion.coupons.candidates_of_code(db, sql.OWN_COUPONS, code=code)
        of_cart, of_promotions, of_coupons = await fetch_parts(
            db, [sql.own_contents(db, ref, now), promotions, coupons]
        )
        contents = sql.contents_of(db, of_cart)
        if contents is None:
            raise CartNotFound
        return contents, [*self._promotion.rules(of_promotions), *self._promotion.coupons.rules(of_coupons)]

    async def remove(self, tx: Tx, ref: CartRef, promotion_id: UUID) -> Cart:
        """Remove the code of a promotion from a cart. Raises CartNotFound, CodeNotInCart. Emits CartChanged."""
        cart = await locking.require(tx, ref, self._clock.now())
        where: data.CartPromotionWhere = {"cart_id": cart.id, "promotion_id": promotion_id}
        if not await data.cart_promotion.delete_many(tx, where=where):
            raise CodeNotInCart(promotion_id)
        tx.emit(CartChanged.of(cart))
        return cart

    async def remove_coupon(self, tx: Tx, ref: CartRef, coupon_id: UUID) -> Cart:
        """Remove the code of a coupon from a cart. Raises CartNotFound, CouponNotInCart. Emits CartChanged."""
        cart = await locking.require(tx, ref, self._clock.now())
        if not await data.cart_coupon.delete_many(tx, where={"cart_id": cart.id, "coupon_id": coupon_id}):
            raise CouponNotInCart(coupon_id)
        tx.emit(CartChanged.of(cart))
        return cart
