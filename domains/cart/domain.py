"""The declaration of the cart domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.auth.service import AuthService
from domains.cart import events, invariants
from domains.cart.email_confirmation import CartEmails
from domains.cart.items import CartItems
from domains.cart.promotions import CartPromotions
from domains.cart.quotas import CartQuotas
from domains.cart.quotes import CartQuotes
from domains.cart.service import CartService
from domains.cart.settings import settings_table
from domains.catalog.service import CatalogService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Domain, Job, Parts, events_in
from domains.pricing.service import PricingService
from domains.promotion.service import PromotionService


def build(parts: Parts) -> CartService:
    """Carts of customers and guests."""
    promotion, pricing = parts.of(PromotionService), parts.of(PricingService)
    return CartService(
        CartItems(parts.of(CatalogService), parts.of(InventoryService), settings_table(parts.settings), parts.clock),
        CartPromotions(promotion, pricing, parts.clock),
        CartQuotes(promotion, pricing, parts.clock),
        CartQuotas(parts.cache),
        CartEmails(parts.of(AuthService).email_verification, parts.clock),
        parts.clock,
    )


def jobs(cart: CartService) -> Sequence[Job]:
    """Deletes expired carts."""
    return (Job("delete expired carts", timedelta(hours=1), cart.delete_expired),)


DOMAIN: Final = Domain(
    name="cart",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    jobs=jobs,
    events=events_in(events),
    money_tables=("carts", "cart_items"),
)
