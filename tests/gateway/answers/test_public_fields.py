"""No answer in the cache has anything of a person: every field of the schema as a guest and as two customers."""

from typing import Any

import pytest

from domains.kernel.ids import new_id
from domains.role.models import SystemRole
from tests.gateway.answers.shops import CACHED, Server, everything
from tests.gateway.sample_shop import create_objects
from tests.gateway.schema_operations import Operation, operations
from tests.gateway.site import SCHEMA

PUBLIC = {
    "activePromotions",
    "availablePaymentProviders",
    "categories",
    "category",
    "categoryTree",
    "paymentMethods",
    "product",
    "productSuggestions",
    "products",
    "review",
    "reviews",
    "shop",
}
QUERIES = {each.name: each for each in operations(SCHEMA.graphql) if each.kind == "query"}
REVIEW = """mutation ($input: ReviewCreateInput!) {
  reviewCreate(input: $input) { review { id } errors { message } } }"""
HIDE = "mutation ($input: ReviewHideInput!) { reviewHide(input: $input) { review { id } errors { message } } }"


class People:
    """Two customers with everything that the API shows to its owner only, and what would give them away."""

    def __init__(self, tokens: list[str], secrets: set[str], ids: dict[str, str], hidden: str) -> None:
        self.tokens = tokens
        self.hidden = hidden
        self.secrets = secrets
        self.ids = ids

    def variables(self, query: Operation) -> dict[str, Any]:
        """Arguments that find what there is."""
        known = {
            "id": self.ids.get(query.name, self.ids["product"]),
            "search": "shirt",
            "sku": self.ids["sku"],
            "first": 3,
        }
        if query.name in {"product", "category", "order"}:
            return {"id": known["id"]}
        if query.name == "reviews":
            return {"filter": {"productId": self.ids["product"]}}
        return query.variables() | {name: known[name] for name in query.field.args.keys() & known.keys()}


@pytest.fixture
async def people(gateway: Server) -> People:
    site = gateway.site
    admin = (await site.login((await site.account(SystemRole.ADMIN)).email))["accessToken"]
    accounts = [await site.account() for _ in range(2)]
    tokens = [(await site.login(each.email))["accessToken"] for each in accounts]
    ids = await create_objects(site, admin, tokens[0])
    hidden = "A review that only its author and staff may see"
    review = await site.do(REVIEW, tokens[1], productId=ids["product"], rating=1, title=hidden)
    await site.do(HIDE, admin, id=review["review"]["id"])
    own = {
        value for name, value in ids.items() if name in {"order", "address", "user", "staff", "session", "cartItem"}
    }
    emails = {each.email for each in accounts} | {str(each.id) for each in accounts}
    return People(tokens, own | emails | {hidden, "Lovelace"}, ids, review["review"]["id"])


def text_of(query: Operation) -> str:
    declared = ", ".join(f"${name}: {argument.type}" for name, argument in query.field.args.items())
    passed = ", ".join(f"{name}: ${name}" for name in query.field.args)
    depth = 4 if query.name == "products" else 3
    return (
        f"query{f' ({declared})' if declared else ''} "
        f"{{ {query.name}{f'({passed})' if passed else ''} {everything(query.field.type, depth)} }}"
    )


def test_the_cached_fields_are_these() -> None:
    assert CACHED == PUBLIC


async def test_no_cached_answer_has_anything_of_a_person(gateway: Server, people: People) -> None:
    site, cached = gateway.site, set()
    for name, query in QUERIES.items():
        text, variables = text_of(query), people.variables(query)
        first = await site.post(text, **variables)
        for token in people.tokens:
            own = await site.post(text, token, **variables)
            assert own.headers["cache-control"] == "no-store"
            assert "cache-status" not in own.headers
        # Another guest, with everything by which a guest can be told from others.
        site.ip, site.cart_token = "198.51.100.9", site.cart_token
        site.headers = {"user-agent": f"someone/{new_id().hex}", "accept-language": "fr", "cookie": "a=b"}
        again = await site.post(text, **variables)
        site.headers = {}
        if again.headers.get("cache-status") == "commerce; hit":
            cached.add(name)
            assert again.content == first.content
            assert not [secret for secret in people.secrets if secret in again.text], name
            assert "errors" not in again.json()
    assert cached == PUBLIC


async def test_a_customer_does_not_get_what_a_guest_was_shown(gateway: Server, people: People) -> None:
    query = "query ($ours: ID!, $theirs: ID!) { review(id: $ours) { id } other: review(id: $theirs) { id title } }"
    variables = {"ours": people.ids["review"], "theirs": people.hidden}
    shown = {
        who: await gateway.site.data(query, who, **variables) for who in (None, people.tokens[1], people.tokens[0])
    }
    hidden = [each["other"] is None for each in shown.values()]
    assert hidden == [True, False, True]


async def test_a_malformed_token_is_refused_and_not_answered_from_the_cache(gateway: Server) -> None:
    for _ in range(2):
        assert (await gateway.ask("{ shop { name } }"))[1]
    for value in ("Bearer ", "Basic x", "Bearer abc", ""):
        response = await gateway.site.send(json={"query": "{ shop { name } }"}, headers={"authorization": value})
        assert response.status_code == 401
        assert response.headers["cache-control"] == "no-store"
