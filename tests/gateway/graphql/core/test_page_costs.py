"""Typical pages of a storefront and an admin are within the limits, also with a hundred rows."""

import pytest

from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.cost import CostModel
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.limits import GraphQLLimits

SHOP = build_schema()
LIMITS = GraphQLLimits()
MONEY = "{ amount currency }"
PAGES = {
    "orders with all that belongs to them": f"""{{ orders(first: 100) {{
        totalCount pageInfo {{ hasNextPage endCursor }}
        nodes {{ id orderNumber status email createdAt paidAt total {MONEY} subtotal {MONEY} taxAmount {MONEY}
          shippingCost {MONEY} discountAmount {MONEY}
          shippingAddress {{ fullName city postalCode country }} billingAddress {{ fullName city }}
          items {{ id sku quantity productName unitPrice {MONEY} totalPrice {MONEY} product {{ id name slug }}
            variant {{ id name }} }}
          statusHistory {{ fromStatus toStatus createdAt comment }}
          payments {{ id status amount {MONEY} createdAt }} refunds {{ id status amount {MONEY} }} }} }} }}""",
    "products of a category": f"""{{ products(first: 100) {{ totalCount pageInfo {{ hasNextPage endCursor }}
        nodes {{ id name slug price {MONEY} compareAtPrice {MONEY} isInStock images {{ url altText }} rating
          category {{ id name slug }}
          variants {{ id sku name price {MONEY} stock options {{ name value }} }} }} }} }}""",
    "carts": f"""{{ carts(first: 100) {{ nodes {{ id email: userId updatedAt
        items {{ id quantity product {{ id name }} variant {{ id name }} }}
        totals {{ total {MONEY} }} }} }} }}""",
    "customers": """{ users(first: 100) { totalCount nodes { id email firstName lastName phone
        addresses { id fullName addressLine1 city postalCode country isDefault }
        role { id name permissions { id resource action } } } } }""",
    "products with all that belongs to them": f"""{{ products(first: 100) {{ totalCount
        pageInfo {{ hasNextPage endCursor }}
        facets {{ brands {{ value count }} attributes {{ name values {{ value count }} }} }}
        nodes {{ id name slug description price {MONEY} compareAtPrice {MONEY} isInStock stock
          images {{ url altText }} tags rating
          category {{ id name parent {{ id name }} }} attributes {{ name value unit }}
          variants {{ id sku name price {MONEY} stock isInStock images {{ url altText }} options {{ name value }} }}
          reviews(first: 3) {{ nodes {{ id rating title comment authorName }} }} }} }} }}""",
    "orders and whose they are": f"""{{ orders(first: 100) {{ nodes {{ id orderNumber status total {MONEY}
        user {{ id email }} shippingAddress {{ fullName city }} balance {{ captured {MONEY} }}
        items {{ id sku quantity unitPrice {MONEY} product {{ id name images {{ url }} category {{ id name }} }}
          variant {{ id name options {{ name value }} }} }}
        statusHistory {{ toStatus createdAt changedByUser {{ id email }} }} appliedPromotions {{ id }}
        payments {{ id status amount {MONEY} refunds {{ id amount {MONEY} }} }} }} }} }}""",
    "four levels of categories": """{ categoryTree { id name slug children { id name slug
        children { id name slug children { id name slug } } } } }""",
    "stock with its last movements": """{ inventoryItems(first: 100) { nodes { id sku availableStock reservedStock
        product { id name slug images { url } } variant { id name options { name value } }
        movements(first: 10) { nodes { id type quantity createdAt } } } } }""",
    "roles": """{ roles(first: 100) { nodes { id name permissions { id resource action }
        users(first: 5) { totalCount nodes { id email } } } } }""",
    "promotions": """{ promotions(first: 100) { nodes { id name code applicableProducts { id name }
        applicableCategories { id name } } } }""",
}


@pytest.mark.parametrize("name", PAGES)
async def test_an_ordinary_page_of_a_hundred_is_within_the_limits(name: str) -> None:
    document = await Execution(SHOP, LIMITS).document(PAGES[name])
    weight = document.cost.of(document.operation(None), {})
    assert weight.cost <= LIMITS.cost
    assert weight.values <= LIMITS.values


@pytest.mark.parametrize(
    ("variables", "cost"),
    [
        ({"b": 100}, 101),
        ({"a": None, "b": 100}, 101),
        ({"a": 100, "b": None}, 101),
        ({"a": None, "b": None}, 21),
        ({}, 21),
    ],
)
async def test_a_page_argument_of_null_counts_as_missing(variables: dict[str, int | None], cost: int) -> None:
    query = "query ($a: Int, $b: Int) { products(first: $a, last: $b) { nodes { id } } }"
    document = await Execution(SHOP, LIMITS).document(query)
    assert document.cost.of(document.operation(None), variables).cost == cost


@pytest.mark.parametrize(
    ("arguments", "cost"), [("first: null, last: 100", 101), ("first: 3, last: null", 4), ("first: null", 21)]
)
async def test_a_literal_null_counts_as_missing(arguments: str, cost: int) -> None:
    document = await Execution(SHOP, LIMITS).document(f"{{ products({arguments}) {{ nodes {{ id }} }} }}")
    assert document.cost.of(document.operation(None), {}).cost == cost


async def test_a_null_variable_with_a_default_counts_as_missing() -> None:
    query = "query ($a: Int = 50) { products(first: $a) { nodes { id } } }"
    document = await Execution(SHOP, LIMITS).document(query)
    model: CostModel = document.cost
    given: list[dict[str, int | None]] = [{}, {"a": None}, {"a": 7}]
    assert [model.of(document.operation(None), variables).cost for variables in given] == [51, 21, 8]
