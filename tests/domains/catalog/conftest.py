"""The catalogue of the test's own company, and factories of products and customers."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.models import Category, NewCategory, NewProduct, Product
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from tests.read_model import READING

MakeProduct = Callable[..., Awaitable[Product]]
MakeCustomer = Callable[[], Awaitable[Actor]]
USER = """
insert into users (id, email, password_hash, first_name, last_name, updated_at, role_id)
values ($1, $2, '$argon2id$none', 'A', 'B', now(),
  (select id from roles where code = 'CUSTOMER' and company_id is null))
"""


@pytest.fixture
def catalog(clock: FixedClock) -> CatalogService:
    """The service under test."""
    cache = SettingsCache(clock)
    return CatalogService(CompanyService(clock, cache), cache, clock, READING)


@pytest.fixture
async def category(database: Database, catalog: CatalogService, actor: Actor) -> Category:
    """A category, committed."""

    async def work(tx: Tx) -> Category:
        return await catalog.categories.create(tx, NewCategory(name="Shirts"))

    return await database.run(work, actor)


@pytest.fixture
def make_product(database: Database, catalog: CatalogService, actor: Actor, category: Category) -> MakeProduct:
    """Makes committed products: 10.00 EUR in the category by default."""

    async def make(**given: Any) -> Product:
        values = {"name": "Shirt", "category_id": category.id, "base_price": Decimal(10), **given}

        async def work(tx: Tx) -> Product:
            return await catalog.create_product(tx, NewProduct(**values))

        return await database.run(work, actor)

    return make


@pytest.fixture
def make_customer(owner: Any, company: UUID) -> MakeCustomer:
    """Creates users as customers of the company."""

    async def make() -> Actor:
        user_id = new_id()
        await owner.execute(USER, user_id, f"{user_id.hex}@example.com")
        return Actor(ActorKind.USER, company, user_id=user_id)

    return make
