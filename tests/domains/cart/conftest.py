"""Carts over the catalogue and the stock of the test's own company."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar, cast
from uuid import UUID

import pytest

from domains.auth.emails.email_verification import EmailVerification
from domains.cart.email_confirmation import CartEmails
from domains.cart.items import CartItems
from domains.cart.models import CartContents, CartRef, ChangedCart, NewLine, OpenCart
from domains.cart.promotions import CartPromotions
from domains.cart.quotas import CartQuotas
from domains.cart.quotes import CartQuotes
from domains.cart.service import CartService
from domains.cart.settings import settings_table
from domains.cart.shipping.cart_shipping import CartShipping
from domains.cart.shipping.live_rates import LiveRates
from domains.cart.tenders.cart_tenders import CartTenders
from domains.catalog.models import NewVariant, Product
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.inventory.models import StockCount
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.settings import SettingsCache
from domains.payment.service import PaymentService
from domains.pricing.service import PricingService
from domains.promotion.models import DiscountType, NewPromotion, Promotion, PromotionType
from domains.promotion.service import PromotionService
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.service import ShippingService
from domains.tax.service import TaxService
from gateway.infra.memory import MemoryCache
from tests.domains.catalog.conftest import MakeProduct, catalog, category, make_customer, make_product
from tests.domains.promotion.conftest import make_order

__all__ = ["catalog", "category", "make_customer", "make_order", "make_product"]
T = TypeVar("T")
MakeStocked = Callable[..., Awaitable[Product]]


@dataclass
class Carts:
    """Operations on carts, each in its own transaction that commits."""

    service: CartService
    database: Database
    actor: Actor

    async def do(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self.database.run(work, self.actor)

    async def add(self, ref: CartRef, product: Product, quantity: int = 1, variant: UUID | None = None) -> OpenCart:
        wanted = NewLine(product.id, variant, quantity)
        return await self.do(lambda tx: self.service.add_item(tx, ref, wanted))

    async def add_all(self, ref: CartRef, *things: tuple[Product, int]) -> ChangedCart:
        wanted = [NewLine(product.id, None, quantity) for product, quantity in things]
        return await self.do(lambda tx: self.service.items.add(tx, ref, wanted))

    async def guest(self, product: Product, quantity: int = 1) -> CartRef:
        """A guest with this product in the cart."""
        return CartRef.of_token((await self.add(CartRef(), product, quantity)).token)

    async def of(self, ref: CartRef) -> CartContents:
        db = self.database.reader(self.actor.company_id)
        (contents,) = await self.service.contents(db, [await self.service.get_cart(db, ref)])
        return contents

    async def units(self, ref: CartRef) -> dict[UUID, int]:
        """The number of units of each product in the cart."""
        return {line.product_id: line.quantity for line in (await self.of(ref)).lines}


@pytest.fixture
def inventory(catalog: CatalogService, clock: FixedClock) -> InventoryService:
    return InventoryService(catalog, SettingsCache(clock))


@pytest.fixture
def promotions(catalog: CatalogService, clock: FixedClock) -> PromotionService:
    return PromotionService(catalog, CompanyService(clock, SettingsCache(clock)), MemoryCache(clock), clock)


@pytest.fixture
def carts(
    database: Database,
    catalog: CatalogService,
    inventory: InventoryService,
    promotions: PromotionService,
    clock: FixedClock,
    actor: Actor,
) -> Carts:
    settings = SettingsCache(clock)
    company = CompanyService(clock, settings)
    tax = TaxService(company, settings, clock)
    shipping = ShippingService(company, tax, settings, CarrierAdapters(), clock)
    pricing = PricingService(tax, shipping)
    cart_shipping = CartShipping(pricing, shipping, LiveRates(shipping), clock)
    service = CartService(
        CartItems(catalog, inventory, settings_table(settings), clock),
        CartPromotions(promotions, pricing, clock),
        CartQuotes(promotions, pricing, cart_shipping, clock),
        CartTenders(cast("PaymentService", None), clock),  # no test here pays anything
        CartQuotas(MemoryCache(clock)),
        CartEmails(cast("EmailVerification", None), clock),  # no test here mails anything
    )
    return Carts(service, database, actor)


@pytest.fixture
def make_stocked(
    make_product: MakeProduct, inventory: InventoryService, database: Database, actor: Actor
) -> MakeStocked:
    """Makes products that are for sale under `sku`, or in variants of `skus`, each with so much stock."""

    async def make(sku: str | None = None, *, stock: int = 10, skus: tuple[str, ...] = (), **given: Any) -> Product:
        variants = [NewVariant(sku=each) for each in skus]
        product = await make_product(sku=sku, variants=variants, **{"is_active": True, **given})
        counts = [StockCount(each, stock) for each in skus or ((sku,) if sku else ()) if stock]
        await database.run(lambda tx: inventory.ledger.set(tx, counts), actor)
        return product

    return make


async def create_promotion(carts: Carts, promotions: PromotionService, code: str | None, **given: Any) -> Promotion:
    """Ten per cent off all products by default."""
    wanted: Any = {
        "name": code or "For all",
        "code": code,
        "type": PromotionType.SEASONAL,
        "discount_type": DiscountType.PERCENTAGE,
        "discount_value": Decimal(10),
        "is_automatic": code is None,
    }
    new: NewPromotion = wanted | given
    return await carts.do(lambda tx: promotions.create_promotion(tx, new))
