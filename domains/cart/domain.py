"""The declaration of the cart domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.auth.service import AuthService
from domains.cart import events, invariants, personal_data
from domains.cart.email_confirmation import CartEmails
from domains.cart.items import CartItems
from domains.cart.promotions import CartPromotions
from domains.cart.quotas import CartQuotas
from domains.cart.quotes import CartQuotes
from domains.cart.service import CartService
from domains.cart.settings import settings_table
from domains.cart.shipping.cart_shipping import CartShipping
from domains.cart.shipping.live_rates import LiveRates
from domains.cart.tenders.cart_tenders import CartTenders
from domains.catalog.service import CatalogService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Dependencies, Domain, Job, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.payment.service import PaymentService
from domains.pricing.service import PricingService
from domains.promotion.service import PromotionService
from domains.shipping.service import ShippingService

CARTS: Final = NodeTable("carts")
CART_ITEMS: Final = NodeTable("cart_items", owner="cart_id")


def build(dependencies: Dependencies) -> CartService:
    """Carts of customers and guests."""
    promotion, pricing = dependencies.get(PromotionService), dependencies.get(PricingService)
    methods, clock = dependencies.get(ShippingService), dependencies.clock
    shipping = CartShipping(pricing, methods, LiveRates(methods), clock)
    return CartService(
        CartItems(
            dependencies.get(CatalogService),
            dependencies.get(InventoryService),
            settings_table(dependencies.settings),
            clock,
        ),
        CartPromotions(promotion, pricing, clock),
        CartQuotes(promotion, pricing, shipping, clock),
        CartTenders(dependencies.get(PaymentService), clock),
        CartQuotas(dependencies.cache),
        CartEmails(dependencies.get(AuthService).email_verification, clock),
    )


def jobs(cart: CartService) -> Sequence[Job]:
    """Deletes expired carts, and reports abandoned ones."""
    return (
        Job("delete expired carts", timedelta(hours=1), cart.delete_expired),
        Job("report abandoned carts", timedelta(minutes=10), cart.abandonment.report),
    )


DOMAIN: Final = Domain(
    name="cart",
    build=build,
    queue=EventQueue.ORDER,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    jobs=jobs,
    events=events_in(events),
    money_tables=("carts", "cart_items"),
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
