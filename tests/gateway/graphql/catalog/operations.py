"""Every mutation of the catalogue and the inventory, with a valid input."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.site import Site

ATTRIBUTE = {"name": "Fit", "type": "TEXT", "isRequired": False, "isFilterable": True}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The ids of one thing of each sort."""

    category: str
    empty: str
    attribute: str
    product: str
    variant: str
    review: str


Build = Callable[[Shelf], Mapping[str, Any]]
STAFF: dict[str, Build] = {
    "productCreate": lambda s: {"name": "New", "categoryId": s.category, "basePrice": "1.00"},
    "productUpdate": lambda s: {"id": s.product, "name": "Renamed"},
    "productDelete": lambda s: {"id": s.product},
    "productPublish": lambda s: {"id": s.product},
    "productUnpublish": lambda s: {"id": s.product},
    "productAttributesSet": lambda s: {"productId": s.product, "attributes": [{"name": "Fit", "value": "Slim"}]},
    "productVariantCreate": lambda s: {"productId": s.product, "sku": "NEW"},
    "productVariantUpdate": lambda s: {"id": s.variant, "name": "Renamed"},
    "productVariantDelete": lambda s: {"id": s.variant},
    "categoryCreate": lambda s: {"name": "New", "parentId": s.category},
    "categoryUpdate": lambda s: {"id": s.category, "name": "Renamed"},
    "categoryMove": lambda s: {"id": s.empty, "parentId": s.category},
    "categoryDelete": lambda s: {"id": s.empty},
    "categoryAttributeCreate": lambda s: {"categoryId": s.category, **ATTRIBUTE},
    "categoryAttributeUpdate": lambda s: {"id": s.attribute, **ATTRIBUTE},
    "categoryAttributeDelete": lambda s: {"id": s.attribute},
    "reviewHide": lambda s: {"id": s.review},
    "reviewApprove": lambda s: {"id": s.review},
    "stockUpdate": lambda _: {"sku": "V-1", "quantity": 1},
    "stockBulkUpdate": lambda _: {"changes": [{"sku": "V-1", "quantity": 1}]},
    "stockReorderUpdate": lambda _: {"sku": "V-1", "reorderPoint": 3},
    "stockBackorderUpdate": lambda _: {"sku": "V-1", "limit": 3},
    "stockSet": lambda _: {"levels": [{"sku": "V-1", "available": 7}]},
}
PEOPLE: dict[str, Build] = {
    "reviewCreate": lambda s: {"productId": s.product, "rating": 5},
    "reviewUpdate": lambda s: {"id": s.review, "rating": 1},
    "reviewDelete": lambda s: {"id": s.review},
    "reviewVote": lambda s: {"id": s.review},
}


def mutation(name: str) -> str:
    """The mutation of this name, asking for its errors."""
    kind = name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ errors {{ code message path }} }} }}"


async def call(shop: Site, name: str, input: Mapping[str, Any], token: str | None) -> Any:
    """The answer to a mutation."""
    return await shop.ask(mutation(name), token, input=input)


async def codes(shop: Site, name: str, input: Mapping[str, Any], token: str | None) -> list[str]:
    """The codes of a mutation's user errors; empty when it was done."""
    answer = await call(shop, name, input, token)
    assert "errors" not in answer, answer
    return [error["code"] for error in answer["data"][name]["errors"]]


async def fill(shop: Site) -> Shelf:
    """One thing of each sort; the review is the customer's."""
    category, empty = await make_category(shop), await make_category(shop, "Empty")
    product = await make_product(
        shop, name="Polo", categoryId=category, basePrice="10.00", variants=[{"sku": "V-1"}, {"sku": "V-2"}]
    )
    attribute = await shop.data(
        "mutation ($input: CategoryAttributeCreateInput!) "
        "{ categoryAttributeCreate(input: $input) { attribute { id } errors { code } } }",
        "admin",
        input={"categoryId": category, "name": "Material"},
    )
    review = await shop.data(
        "mutation ($input: ReviewCreateInput!) { reviewCreate(input: $input) { review { id } errors { code } } }",
        "customer",
        input={"productId": product["id"], "rating": 4},
    )
    return Shelf(
        category=category,
        empty=empty,
        attribute=attribute["categoryAttributeCreate"]["attribute"]["id"],
        product=product["id"],
        variant=product["variants"][1]["id"],
        review=review["reviewCreate"]["review"]["id"],
    )
