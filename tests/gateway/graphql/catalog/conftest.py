"""A shop with an administrator, a customer and a user of another company."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.gateway.site import Site

ALL = frozenset(Grant(resource, PermissionAction.MANAGE) for resource in PermissionResource)
PRODUCTS = frozenset({Grant(PermissionResource.PRODUCTS, PermissionAction.MANAGE)})
USER = """
insert into users (id, email, password_hash, first_name, last_name, updated_at, role_id)
values ($1, $2, '$argon2id$none', 'Ann', 'Bell', now(),
  (select id from roles where code = 'CUSTOMER' and company_id is null))
"""

CATEGORY = """
mutation ($name: String!, $parent: ID) {
  categoryCreate(input: {name: $name, parentId: $parent}) { category { id slug } errors { code message path } }
}
"""
CREATE = """
mutation ($input: ProductCreateInput!) {
  productCreate(input: $input) {
    product { id slug name basePrice { amount currency } variants { id sku stock price { amount } } stock isInStock }
    errors { code message path }
  }
}
"""


async def make_user(owner: Any, company_id: UUID, grants: frozenset[Grant] = frozenset()) -> Actor:
    user_id = new_id()
    await owner.execute(USER, user_id, f"{user_id.hex}@example.com")
    return Actor(ActorKind.USER, company_id, user_id=user_id, grants=grants)


@pytest.fixture
async def shop(site: Site, owner: Any, company: UUID, other_company: UUID) -> AsyncIterator[Site]:
    """The site of the company; its tokens are `admin`, `editor`, `clerk`, `customer`; `stranger` rules another."""
    clerk = frozenset({Grant(PermissionResource.ORDERS, PermissionAction.MANAGE)})
    site.actors = {
        "admin": await make_user(owner, company, ALL),
        "customer": await make_user(owner, company),
        "clerk": await make_user(owner, company, clerk),
        "editor": await make_user(owner, company, PRODUCTS),
        "stranger": await make_user(owner, other_company, ALL),
    }
    yield site
    assert site.mailbox.mails == []


async def make_category(shop: Site, name: str = "Shirts", parent: str | None = None) -> str:
    answer = await shop.data(CATEGORY, "admin", name=name, parent=parent)
    assert answer["categoryCreate"]["errors"] == []
    return str(answer["categoryCreate"]["category"]["id"])


async def make_product(shop: Site, **given: Any) -> Any:
    answer = await shop.data(CREATE, "admin", input=given)
    assert answer["productCreate"]["errors"] == [], answer
    return answer["productCreate"]["product"]


@pytest.fixture
def snapshot(owner: Any, company: UUID) -> Any:
    """A digest of the company's catalogue and stock."""

    async def take() -> dict[str, str]:
        return {
            table: await owner.fetchval(
                f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t "  # noqa: S608 - names from this file
                "where company_id = $1",
                company,
            )
            for table in TABLES
        }

    return take


TABLES = (
    "categories",
    "category_attributes",
    "products",
    "product_attributes",
    "product_variants",
    "product_search",
    "reviews",
    "review_votes",
    "inventory_items",
    "stock_movements",
    "outbox_events",
)
