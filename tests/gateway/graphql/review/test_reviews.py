"""Reviews through the API: listed, filtered and voted on, with a public name of the author."""

from typing import Any

from tests.gateway.graphql.catalog.operations import codes, fill
from tests.gateway.site import Site

REVIEWS = """
query ($filter: ReviewFilterInput, $search: String, $sortBy: ReviewSortInput, $first: Int, $after: String) {
  reviews(filter: $filter, search: $search, sortBy: $sortBy, first: $first, after: $after) {
    nodes { rating comment helpfulCount product { name } }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}
"""


async def test_reviews_are_filtered_searched_sorted_and_paginated(shop: Site) -> None:
    shelf = await fill(shop)
    for token, rating, comment in (("clerk", 1, "Too small"), ("editor", 5, "Fits well"), ("admin", 3, "So so")):
        given = {"productId": shelf.product, "rating": rating, "comment": comment}
        assert await codes(shop, "reviewCreate", given, token) == []

    async def ratings(**variables: Any) -> list[int]:
        answer = await shop.data(REVIEWS, **variables)
        return [node["rating"] for node in answer["reviews"]["nodes"]]

    of_product = {"productId": shelf.product}
    by_rating = {"field": "RATING", "direction": "DESC"}
    assert await ratings() == [3, 5, 1, 4]
    assert await ratings(filter=of_product, sortBy=by_rating) == [5, 4, 3, 1]
    assert await ratings(filter={**of_product, "rating": 5}) == [5]
    assert await ratings(filter={**of_product, "isVerifiedPurchase": True}) == []
    assert await ratings(filter=of_product, search="FITS") == [5]
    page = (await shop.data(REVIEWS, filter=of_product, sortBy=by_rating, first=3))["reviews"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, True)
    assert await ratings(filter=of_product, sortBy=by_rating, first=3, after=page["pageInfo"]["endCursor"]) == [1]
    for wide in ({"search": "fits"}, {"sortBy": by_rating}, {"filter": {"rating": 5}}):
        answer = await shop.ask(REVIEWS, **wide)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["REQUIRED"]
        assert "errors" not in await shop.ask(REVIEWS, "admin", **wide)
    detail = await shop.data('{ product(slug: "polo") { rating reviewCount } }')
    assert detail["product"] == {"rating": "3.25", "reviewCount": 4}


async def test_an_author_has_a_public_name_and_staff_see_the_user(shop: Site) -> None:
    shelf = await fill(shop)
    query = "query ($id: ID!) { review(id: $id) { authorName user { email } } }"

    answer = await shop.ask(query, "clerk", id=shelf.review)

    assert answer["data"]["review"] == {"authorName": "Ann B.", "user": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    seen = await shop.data(query, "admin", id=shelf.review)
    assert seen["review"]["user"]["email"].endswith("@example.com")


async def test_a_hidden_review_does_not_count_until_it_is_approved(shop: Site) -> None:
    shelf = await fill(shop)
    query = """query ($id: ID!, $product: ID!) {
      review(id: $id) { rating } product(id: $product) { reviewCount rating }
    }"""

    assert await codes(shop, "reviewHide", {"id": shelf.review}, "admin") == []
    hidden = await shop.data(query, id=shelf.review, product=shelf.product)
    assert hidden == {"review": None, "product": {"reviewCount": 0, "rating": "0.00"}}
    assert (await shop.data(query, "customer", id=shelf.review, product=shelf.product))["review"] == {"rating": 4}
    assert await codes(shop, "reviewVote", {"id": shelf.review}, "clerk") == ["NOT_FOUND"]
    assert await codes(shop, "reviewApprove", {"id": shelf.review}, "admin") == []
    shown = await shop.data(query, id=shelf.review, product=shelf.product)
    assert shown == {"review": {"rating": 4}, "product": {"reviewCount": 1, "rating": "4.00"}}
