"""The declaration of the cart domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.cart import invariants
from domains.cart.service import CartService
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Domain, Job, Parts
from domains.promotion.service import PromotionService


def build(parts: Parts) -> CartService:
    """Carts of customers and guests."""
    catalog, inventory = parts.of(CatalogService), parts.of(InventoryService)
    company, promotion = parts.of(CompanyService), parts.of(PromotionService)
    return CartService(catalog, inventory, company, promotion, parts.clock, parts.cache)


def jobs(cart: CartService) -> Sequence[Job]:
    """Deletes carts past their time."""
    return (Job("delete expired carts", timedelta(hours=1), cart.delete_expired),)


DOMAIN: Final = Domain(
    name="cart",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    jobs=jobs,
    money_tables=("carts", "cart_items"),
)
