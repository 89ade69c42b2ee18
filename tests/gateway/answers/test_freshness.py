"""Whatever happens in a shop, the cache answers as the database does: at once where it happened, then everywhere."""

from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.review.models import ReviewChanges
from gateway.answers.changed_tags import CHANGES, SETTINGS
from gateway.services import domains_of
from tests.domains.order.storefront import Storefront
from tests.gateway.answers.shops import CACHED, Server, everything
from tests.gateway.messaging.test_emitted_events import SCENARIOS
from tests.gateway.site import SCHEMA

# Events of which no public answer shows anything, with what they are about.
UNSHOWN: Final = {
    "inventory.low_stock": "stock.changed and adjusted tell the units",
    "inventory.sold": "units that were reserved before",
    **dict.fromkeys(("role.created", "role.updated", "role.deleted"), "staff"),
    **dict.fromkeys(
        (
            "user.registered",
            "user.invited",
            "user.password_changed",
            "user.email_changed",
            "user.email_confirmed",
            "user.logged_in",
            "user.session_ended",
            "user.session_family_ended",
            "user.role_assigned",
            "user.disabled",
            "user.enabled",
            "user.address_added",
            "user.address_changed",
            "user.address_deleted",
            "user.address_changed_by_staff",
        ),
        "accounts",
    ),
    **dict.fromkeys(("cart.item_added", "cart.abandoned"), "carts"),
}
PRIVATE: Final = ("order.", "payment.")
SHALLOW: Final = {"products": 4, "productSuggestions": 3, "categories": 3, "reviews": 3}


def test_each_event_changes_answers_or_shows_in_none() -> None:
    topics = {event.topic for domain in domains_of().values() for event in domain.events}
    unknown = {
        topic
        for topic in topics - CHANGES.keys() - UNSHOWN.keys()
        if not topic.endswith(SETTINGS) and not topic.startswith(PRIVATE)
    }
    assert unknown == set()
    assert set(UNSHOWN) | set(CHANGES) <= topics


def questions(product: Any, category: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """A query of each cached field with all it shows, and its variables; other fields of the query are its own."""
    arguments = {
        "product": ("($id: ID)", "(id: $id)", {"id": str(product)}),
        "category": ("($id: ID)", "(id: $id)", {"id": str(category)}),
        "reviews": ("($id: ID!)", "(filter: {productId: $id})", {"id": str(product)}),
        "productSuggestions": ("($text: String!)", "(search: $text)", {"text": "thing"}),
    }
    asked = {}
    for name in CACHED - {"review"}:
        declared, passed, variables = arguments.get(name, ("", "", {}))
        kind = SCHEMA.graphql.query_type.fields[name].type  # type: ignore[union-attr] # there is one
        asked[name] = (
            f"query{declared} {{ {name}{passed} {everything(kind, SHALLOW.get(name, 3))} }}",
            variables,
        )
    in_stock = "{ products(filter: {inStock: true}) { totalCount facets { inStock } nodes { id stock isInStock } } }"
    by_rating = "{ products(sortBy: {field: RATING, direction: DESC}) { nodes { id rating reviewCount } } }"
    asked["products in stock"], asked["products by rating"] = (in_stock, {}), (by_rating, {})
    asked["a product's reviews"] = (
        "query($id: ID) { product(id: $id) { reviews(first: 3) { totalCount nodes { authorName rating } } } }",
        {"id": str(product)},
    )
    asked["a product's stock"] = (
        "query($id: ID) { product(id: $id) { isInStock variants { isInStock stock } stock } }",
        {"id": str(product)},
    )
    return asked


@pytest.fixture
async def servers(pool: Any, relay_pool: Any, company: UUID, clock: FixedClock) -> list[Server]:
    """Two servers of one company: things happen at the first one."""
    made = [Server(pool, relay_pool, company, clock) for _ in range(2)]
    for server in made:
        await server.changes.read()
    return made


@pytest.fixture
async def storefront(servers: list[Server], company: UUID, owner: Any, clock: FixedClock) -> Storefront:
    here = servers[0]
    return Storefront(here.site.services, here.database, clock, company, owner)


@pytest.fixture
async def asked(storefront: Storefront) -> dict[str, tuple[str, dict[str, Any]]]:
    """Questions about a product on sale, with a review and units of stock."""
    product = await storefront.stock("SHOWN", 3)
    services = storefront.services
    await storefront.run(lambda tx: services.inventory.projection.show_stock(tx, [product.id]))
    author = await storefront.customer()
    given: ReviewChanges = {"rating": 3, "title": "Good", "comment": None}
    await storefront.run(lambda tx: services.review.create(tx, author, product.id, given), author)
    return questions(product.id, product.category_id)


async def answers_of(server: Server, asked: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, bytes]:
    return {name: (await server.ask(query, **variables))[1] for name, (query, variables) in asked.items()}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_cache_answers_as_the_database_does(
    servers: list[Server],
    storefront: Storefront,
    asked: dict[str, tuple[str, dict[str, Any]]],
    pool: Any,
    relay_pool: Any,
    name: str,
) -> None:
    here, there = servers
    for server in servers:
        await server.changes.read()
        await answers_of(server, asked)
        states = {each: (await server.ask(query, **variables))[0] for each, (query, variables) in asked.items()}
        assert set(states.values()) == {"hit"}, states
    await SCENARIOS[name](storefront)
    without = Server(pool, relay_pool, storefront.company_id, storefront.clock)
    expected = await answers_of(without, asked)
    assert await answers_of(here, asked) == expected
    await there.changes.read()
    assert await answers_of(there, asked) == expected


async def test_each_step_of_a_product_is_seen(
    servers: list[Server], storefront: Storefront, asked: dict[str, tuple[str, dict[str, Any]]], owner: Any
) -> None:
    here, there = servers
    services, customer = storefront.services, await storefront.customer()
    product = storefront.products["SHOWN"]
    query, variables = asked["a product's stock"]

    async def stock_at(server: Server) -> bytes:
        return (await server.ask(query, **variables))[1]

    for server in servers:
        await stock_at(server)
    order = await storefront.buy(customer, ("SHOWN", 1))
    assert b'"stock":2' in await stock_at(here)
    assert b'"stock":3' in await stock_at(there)
    await there.changes.read()
    assert b'"stock":2' in await stock_at(there)
    await services.order.cancel_order(storefront.database, customer, order.id)
    assert b'"stock":3' in await stock_at(here)
    await storefront.run(lambda tx: services.catalog.delete_product(tx, product.id))
    assert b'"product":null' in await stock_at(here)
