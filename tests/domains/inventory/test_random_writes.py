"""Random parallel writes: only rules refuse, and every invariant is satisfied afterwards."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog import invariants as catalog_rules
from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.models import NewCategory, NewProduct, NewVariant
from domains.catalog.service import CatalogService
from domains.inventory import invariants as inventory_rules
from domains.inventory.models import StockCount
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError
from domains.review.service import ReviewService
from tests.domains.catalog.conftest import MakeCustomer

Work = Callable[[Tx], Awaitable[object]]
WORKERS = 8
OPERATIONS = 25


class RandomWork:
    """Draws errands at random among a few categories, products and SKUs, so that they meet."""

    def __init__(
        self, seed: int, catalog: CatalogService, inventory: InventoryService, ids: dict[str, list[UUID]]
    ) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable, no secret
        self._catalog = catalog
        self._inventory = inventory
        self._ids = ids
        self._reviews = ReviewService(catalog)

    def operation(self, customer: Actor) -> Work:
        """One piece of work."""
        category, other = (self._random.choice(self._ids["category"]) for _ in range(2))
        product, variant = self._random.choice(self._ids["product"]), self._random.choice(self._ids["variant"])
        number, flag = self._random.randrange(8), self._random.random() < 0.5
        sku = f"S{number}"
        new = NewProduct(
            name="Again", category_id=category, base_price=Decimal(5), variants=[NewVariant(sku=f"N{number}")]
        )
        attributes = [AttributeValue("Fit", str(number))]
        counts = [StockCount(f"S{each}", number) for each in range(4)]
        catalog, reviews = self._catalog, self._reviews
        return self._random.choice(
            [
                lambda tx: catalog.create_product(tx, new),
                lambda tx: catalog.update_product(
                    tx, product, {"category_id": category, "base_price": Decimal(number)}
                ),
                lambda tx: catalog.update_product(tx, product, {"is_active": flag, "attributes": attributes}),
                lambda tx: (
                    catalog.delete_product(tx, product) if number == 0 else catalog.products.publish(tx, product)
                ),
                lambda tx: catalog.variants.update(tx, variant, {"price_modifier": Decimal(number - 4)}),
                lambda tx: catalog.categories.move(tx, category, other),
                lambda tx: catalog.categories.update(tx, category, {"is_active": flag}),
                lambda tx: catalog.categories.delete(tx, category, move_products_to=other),
                lambda tx: catalog.views.record(tx, {product: number + 1}),
                catalog.views.add_to_counts,
                lambda tx: reviews.create(tx, customer, product, {"rating": 1 + number % 5}),
                lambda tx: self._inventory.ledger.set(tx, counts),
                lambda tx: self._inventory.update_stock(tx, sku, number - 4),
                lambda tx: self._inventory.projection.show_stock(tx, [product]),
            ]
        )


@pytest.fixture
async def ids(catalog: CatalogService, database: Database, actor: Actor, reader: Reader) -> dict[str, list[UUID]]:
    """Three categories, and four products with two variants each."""

    async def fill(tx: Tx) -> dict[str, list[UUID]]:
        categories = [(await catalog.categories.create(tx, NewCategory(name=f"C{n}"))).id for n in range(3)]
        products = [
            (
                await catalog.create_product(
                    tx,
                    NewProduct(
                        name=f"P{n}",
                        category_id=categories[n % 3],
                        base_price=Decimal(5),
                        variants=[NewVariant(sku=f"S{2 * n}", color="Red"), NewVariant(sku=f"S{2 * n + 1}")],
                    ),
                )
            ).id
            for n in range(4)
        ]
        variants = await catalog.variants.of_products(tx, actor, products)
        return {"category": categories, "product": products, "variant": [variant.id for variant in variants]}

    return await database.run(fill, actor)


@pytest.mark.parametrize("seed", range(3))
async def test_every_invariant_holds_after_random_parallel_writes(
    catalog: CatalogService,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    ids: dict[str, list[UUID]],
    make_customer: MakeCustomer,
    owner: Any,
    seed: int,
) -> None:
    day = RandomWork(seed, catalog, inventory, ids)
    customers = [await make_customer() for _ in range(WORKERS)]
    done = 0

    async def work(customer: Actor) -> None:
        nonlocal done
        for _ in range(OPERATIONS):
            try:
                await database.run(day.operation(customer), actor)
                done += 1
            except DomainError:
                continue

    await asyncio.gather(*(work(customer) for customer in customers))

    assert done > WORKERS
    for invariant in (*catalog_rules.INVARIANTS, *inventory_rules.INVARIANTS):
        rows = await owner.fetch(invariant.query)
        assert [row for row in rows if row["company_id"] == actor.company_id] == [], invariant.rule
