"""The promotions of the test's own company, with factories of promotions, orders and redemptions."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from domains.promotion.invariants import INVARIANTS
from domains.promotion.models import DiscountType, NewPromotion, Promotion, PromotionType
from domains.promotion.rules import BuyerIdentity, DiscountSource, Redemption
from domains.promotion.service import PromotionService
from gateway.infra.memory import MemoryCache
from tests.domains.catalog.conftest import catalog, category, make_customer, make_product

__all__ = ["catalog", "category", "make_customer", "make_product"]
MakePromotion = Callable[..., Awaitable[Promotion]]
Redeem = Callable[..., Awaitable[UUID]]
MakeOrder = Callable[[], Awaitable[UUID]]
ORDER = """
insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, updated_at)
values ($1::uuid, $2, $1::uuid::text, 'ann@example.com', 'EUR', 10, 0, 0, 0, 10, 0, true, now())
"""


@pytest.fixture
def promotions(catalog: CatalogService, clock: FixedClock) -> PromotionService:
    """The service under test."""
    return PromotionService(catalog, CompanyService(clock, SettingsCache(clock)), MemoryCache(clock), clock)


def ten_percent(**given: Any) -> NewPromotion:
    """Ten percent off with the code TEN by default."""
    values: dict[str, Any] = {
        "name": "Ten off",
        "code": "TEN",
        "type": PromotionType.SEASONAL,
        "discount_type": DiscountType.PERCENTAGE,
        "discount_value": Decimal(10),
    }
    return cast("NewPromotion", {**values, **given})


@pytest.fixture
def make_promotion(promotions: PromotionService, database: Database, actor: Actor) -> MakePromotion:
    """Makes committed promotions."""

    async def make(**given: Any) -> Promotion:
        return await database.run(lambda tx: promotions.create_promotion(tx, ten_percent(**given)), actor)

    return make


def uses_of(*promotion_ids: UUID) -> list[Redemption]:
    """A use of each promotion, which takes 1 off."""
    return [Redemption(DiscountSource.PROMOTION, promotion_id, Decimal(1)) for promotion_id in promotion_ids]


@pytest.fixture
def make_order(owner: Any, company: UUID) -> Callable[[], Awaitable[UUID]]:
    """Creates committed orders without lines."""

    async def make() -> UUID:
        order_id = new_id()
        await owner.execute(ORDER, order_id, company)
        return order_id

    return make


@pytest.fixture
def redeem(
    promotions: PromotionService, database: Database, actor: Actor, make_order: Callable[[], Awaitable[UUID]]
) -> Redeem:
    """Redeems promotions for a new order of a buyer, in one transaction without retry; returns the order's id."""

    async def use(*ids: UUID, email: str = "ann@example.com", **given: Any) -> UUID:
        order_id = await make_order()
        async with database.transaction(actor) as tx:
            buyer = BuyerIdentity(email=email, **given)
            await promotions.redemptions.redeem(tx, uses_of(*ids), order_id=order_id, buyer=buyer)
        return order_id

    return use


@pytest.fixture
async def invariants_hold(owner: Any) -> Any:
    """Check the invariants of promotions after the test."""
    yield
    for invariant in INVARIANTS:
        assert await owner.fetch(invariant.query) == [], invariant.rule
