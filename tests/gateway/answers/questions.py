"""Questions whose answers are cached: all that each field shows, and single things, which less can change."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from tests.gateway.answers.shops import CACHED, Server, everything
from tests.gateway.site import SCHEMA

Questions: TypeAlias = Mapping[str, tuple[str, dict[str, Any]]]
"""Queries with their variables."""

SHALLOW: Final = {"products": 4, "productSuggestions": 3, "categories": 3, "reviews": 3}
OF_SHOP: Final = {
    "products in stock": (
        "products(filter: {inStock: true}) { totalCount facets { inStock } nodes { id stock isInStock } }"
    ),
    "what is in stock": "products(filter: {inStock: true}) { totalCount nodes { id } }",
    "products by rating": "products(sortBy: {field: RATING, direction: DESC}) { nodes { id rating reviewCount } }",
}
OF_PRODUCT: Final = {
    "a product's texts": "product(id: $id) { name description }",
    "a product's rating": "product(id: $id) { rating reviewCount }",
    "a product's reviews": "product(id: $id) { reviews(first: 3) { totalCount nodes { authorName rating } } }",
    "a product's stock": "product(id: $id) { isInStock variants { isInStock stock } stock }",
}
REVIEW: Final = "query($id: ID!) { review(id: $id) { authorName rating } }"
REVIEWS: Final = "query($id: ID!) { reviews(filter: {productId: $id}) { totalCount nodes { authorName rating } } }"
SINGLE: Final = (
    *OF_SHOP,
    *OF_PRODUCT,
    "a review",
    "reviews alone",
    "shop",
    "categories",
    "activePromotions",
    "paymentMethods",
)
"""Those that show few things."""


def questions(product: Any, category: Any, review: Any) -> Questions:
    """A query of each cached field with all it shows, and queries of single things."""
    of_product = {"id": str(product)}
    arguments = {
        "product": ("($id: ID)", "(id: $id)", of_product),
        "category": ("($id: ID)", "(id: $id)", {"id": str(category)}),
        "reviews": ("($id: ID!)", "(filter: {productId: $id})", of_product),
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
    asked |= {name: (f"{{ {query} }}", {}) for name, query in OF_SHOP.items()}
    asked |= {name: (f"query($id: ID) {{ {query} }}", of_product) for name, query in OF_PRODUCT.items()}
    asked["a review"], asked["reviews alone"] = (REVIEW, {"id": str(review)}), (REVIEWS, of_product)
    return asked


async def answers_of(server: Server, asked: Questions, names: Iterable[str] = ()) -> dict[str, tuple[int, bytes]]:
    """The status and body of a guest's answer to each question, or to those of these names."""
    answers = {}
    for name in names or asked:
        query, variables = asked[name]
        response = await server.site.post(query, **variables)
        answers[name] = (response.status_code, response.content)
    return answers
