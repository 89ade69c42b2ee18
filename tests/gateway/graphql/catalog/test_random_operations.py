"""Answers to random operations on the catalogue are byte for byte those of graphql-core, also remembered ones.

`RANDOM_OPERATIONS` is their number, in tests of 250 each; another `SEED` makes others. `make fuzz` tries 50,000.
"""

import asyncio
import os
from collections.abc import Callable, Hashable
from random import Random
from typing import Any, Final

import orjson
import pytest
from graphql import ExecutionResult, execute, parse, validate
from graphql.execution import Executor

from domains.kernel.actor import Actor
from gateway.graphql.core.context import RequestMetadata
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.engine.execution import Document, Execution
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.graphql.engine.prepared import answer_of
from gateway.graphql.engine.renderings.memory import Rendering, RenderingMemory
from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.graphql.catalog.operations import call
from tests.gateway.graphql.engine.operations import RandomOperations
from tests.gateway.site import SCHEMA, Site

PART: Final = 250
PARTS: Final = max(1, int(os.environ.get("RANDOM_OPERATIONS", "2000")) // PART)
SEED: Final = os.environ.get("SEED") or "1"
WRITE_EVERY: Final = 25
LIMITS: Final = GraphQLLimits(cost=100_000, aliases=200)
STYLES: Final[list[dict[str, Any]]] = [
    {"variants": [{"sku": "{}-S", "size": "S", "stock": 3}, {"sku": "{}-M", "size": "M", "priceModifier": "2.50"}]},
    {"variants": [{"sku": "{}-X", "isActive": False}, {"sku": "{}-Y", "isTracked": False, "color": "Red"}]},
    {"sku": "{}", "stock": 5, "brand": "Blau", "tags": ["a", "ü"], "compareAtPrice": "30"},
    {"isTracked": False, "description": 'A "text" of\nseveral lines', "longDescription": "<p>Long</p>"},
    {"isActive": False, "images": [{"url": "https://example.com/a.png", "altText": "A"}]},
]


class Eager(RenderingMemory):
    """Renders objects that are asked for the first time, and counts those that it found."""

    found = 0

    def find(self, key: Hashable, render: Callable[..., Rendering | None], *given: Any) -> Rendering | None:
        self.found += (rendering := super().find(key, render, *given)) is not None
        return rendering or super().find(key, render, *given)


class Compared:
    """A shop of two companies, whose answers to operations are compared with those of graphql-core."""

    def __init__(self, shop: Site, ids: list[str], random: Random) -> None:
        self.shop = shop
        self.category, _, *self.ids = ids
        self.random = random
        self.memory = Eager(300_000)
        self._execution = Execution(SCHEMA, LIMITS, renderings=self.memory)
        self.compared = 0
        anonymous = Actor.anonymous(shop.company_id)
        self._actors = [anonymous, anonymous, *(shop.actors[name] for name in ("admin", "customer", "stranger"))]

    async def compare(self, document: Document) -> None:
        """Answer an operation with new and with remembered renderings."""
        actor = self.random.choice(self._actors)
        try:
            ours = [await self._run(actor, document) for _ in range(2)]
        except RequestRefused:
            return
        theirs = await self._expected(actor, document.ast, ours[0]["extensions"]["cost"]["requested"])
        if theirs is not None:
            self.compared += 1
            assert [_shown(body) for body in ours] == [_shown(theirs)] * 2, document.text

    async def _run(self, actor: Actor, document: Document) -> dict[str, Any]:
        context = self.shop.api.context(actor, RequestMetadata("id", "192.0.2.1", ""))
        try:
            return (await self._execution.run(document, document.operation(None), {}, context)).body
        finally:
            context.loaders.close()

    async def _expected(self, actor: Actor, ast: Any, cost: int) -> dict[str, Any] | None:
        """The body by graphql-core; None when it cancels a loader that another field waits for."""
        context = self.shop.api.context(actor, RequestMetadata("id", "192.0.2.1", ""))
        others = asyncio.all_tasks()
        result: Any = execute(SCHEMA.graphql, ast, None, context, executor_class=Executor)
        try:
            result = result if isinstance(result, ExecutionResult) else await result
        except asyncio.CancelledError:
            return None
        finally:
            left = asyncio.all_tasks() - others
            await asyncio.wait(left) if left else None
        return answer_of(result, cost, LIMITS, context).body

    async def write(self) -> None:
        """Change something that answers show; refusals change nothing."""
        product, name = self.random.choice(self.ids), f"Name {self.random.randrange(1000)}"
        number = self.random.randrange(9)
        writes: list[tuple[str, dict[str, Any]]] = [
            ("productUpdate", {"id": product, "name": name, "basePrice": f"{number}.99"}),
            ("productAttributesSet", {"productId": product, "attributes": [{"name": "Fit", "value": name}]}),
            ("productPublish", {"id": product}),
            ("productUnpublish", {"id": product}),
            ("categoryUpdate", {"id": self.category, "name": name}),
            ("stockSet", {"levels": [{"sku": "P0-S", "available": number}]}),
            ("reviewCreate", {"productId": product, "rating": 1 + number % 5}),
        ]
        mutation, given = self.random.choice(writes)
        await call(self.shop, mutation, given, "customer" if mutation == "reviewCreate" else "admin")


def _shown(body: dict[str, Any]) -> bytes:
    """The body with its errors in one order: that in which fields fail is free."""
    errors = sorted(body.get("errors", ()), key=lambda error: (orjson.dumps(error["path"]), error["message"]))
    return orjson.dumps(body | ({"errors": errors} if errors else {}), default=str)


def filled(style: dict[str, Any], number: int) -> dict[str, Any]:
    """The style with SKUs of a product."""
    text = orjson.dumps(style).replace(b"{}", b"P%d" % number)
    given: dict[str, Any] = orjson.loads(text)
    return given


@pytest.fixture
async def ids(shop: Site) -> list[str]:
    """The ids of a category, products in two categories, and one of another company."""
    category = await make_category(shop, "Shirts")
    inner = await make_category(shop, "Polos", category)
    made = []
    for number in range(10):
        style = filled(STYLES[number % len(STYLES)], number)
        given = {"name": f"Product {number}", "categoryId": inner if number % 3 else category, "isActive": True}
        product = await make_product(shop, **given | {"basePrice": f"{number + 1}.50"} | style)
        made.append(product["id"])
    await call(shop, "reviewCreate", {"productId": made[0], "rating": 4, "title": "Good"}, "customer")
    return [category, inner, *made]


def roots(ids: list[str]) -> dict[str, list[str]]:
    """Root fields with arguments; `products` is the most common."""
    return {
        "products": ["(first: 10)", "(first: 3, sortBy: {field: NAME, direction: DESC})", '(search: "product")'],
        "product": [f'(id: "{each}")' for each in ids[2:]],
        "categories": ["", "(first: 2)"],
        "categoryTree": [""],
        "category": [f'(id: "{each}")' for each in ids[:2]],
        "nodes": [f'(ids: ["{ids[0]}", "{ids[3]}", "{ids[4]}"])'],
        "node": [f'(id: "{each}")' for each in ids],
        "reviews": ["(first: 3)"],
        "inventoryItems": ["(first: 4)"],
    }


@pytest.mark.parametrize("part", range(PARTS))
async def test_answers_to_random_operations_are_those_of_graphql_core(
    shop: Site, ids: list[str], part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.graphql.engine.renderings.selections.FEWEST_VALUES", 1)
    random = Random(f"{SEED}-{part}")  # noqa: S311 - a seed makes the same operations again
    operations = RandomOperations(SCHEMA.graphql, roots(ids), random)
    compared = Compared(shop, ids, random)
    documents: list[Document] = []
    for number in range(PART):
        if number % WRITE_EVERY == 0:
            await compared.write()
        if number % 2 == 0:
            text = operations.operation()
            assert number % 50 or validate(SCHEMA.graphql, parse(text)) == [], "valid as they are made"
            documents.append(Document.of(SCHEMA.graphql, text, parse(text)))
        await compared.compare(random.choice(documents[-8:]))
    assert compared.compared > 0.9 * PART
    assert compared.memory.found > PART
