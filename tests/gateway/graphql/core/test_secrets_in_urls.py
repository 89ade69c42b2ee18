"""A GET request that contains a secret is refused."""

import json
import re
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from gateway.graphql.core.secrecy import SECRETS
from tests.gateway.site import SCHEMA, Site

TOKEN = "x" * 43
LOOKS_SECRET = re.compile("token|password|secret|ticket", re.IGNORECASE)
CART = "query ($t: String) { cart(cartToken: $t) { id } }"
ORDER = "query ($t: String!) { orderByToken(orderToken: $t) { id } }"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (f'{{ cart(cartToken: "{TOKEN}") {{ id }} }}', {}),
        (CART, {"t": TOKEN}),
        (ORDER, {"t": TOKEN}),
        (f'{{ orderByToken(orderToken: "{TOKEN}") {{ id }} }}', {}),
        (f'query ($t: String = "{TOKEN}") {{ cart(cartToken: $t) {{ id }} }}', {}),
        (f'query A {{ __typename }} query B {{ cart(cartToken: "{TOKEN}") {{ id }} }}', {}),
        (f'{{ ...A }} fragment A on Query {{ a: cart(cartToken: "{TOKEN}") {{ id }} }}', {}),
        ("{ __typename }", {"cartToken": TOKEN}),
        ("{ __typename }", {"input": [{"card": {"number": "4242"}}]}),
        ("{ __typename }", {"input": {"password": "hunter2"}}),
        ("{ __typename }", {"input": {"credentials": [{"name": "secret_key", "value": "sk_live_1"}]}}),
    ],
)
async def test_a_secret_in_a_url_is_refused(site: Site, query: str, variables: dict[str, Any]) -> None:
    named = {"operationName": "A"} if "query A" in query else {}
    asked = {"query": query, "variables": json.dumps(variables), **named}
    refused = await site.send("GET", params=asked)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["extensions"]["code"]) == (400, "SECRET_IN_URL")
    assert "Send the request by POST" in error["message"]
    assert TOKEN not in refused.text
    sent = await site.send(json={"query": query, "variables": variables, **named})
    assert "SECRET_IN_URL" not in sent.text


@pytest.mark.parametrize("variables", [{}, {"t": None}, {"cartToken": None}])
async def test_a_query_with_an_unused_secret_argument_is_answered(site: Site, variables: dict[str, Any]) -> None:
    asked = {"query": CART, "variables": json.dumps(variables)}
    answer = await site.send("GET", params=asked, headers={"x-cart-token": TOKEN})
    assert answer.json()["data"] == {"cart": None}


async def test_deep_variables_in_a_url_cause_no_fault(site: Site) -> None:
    deep = "[" * 900 + "]" * 900
    answer = await site.send("GET", params={"query": "{ __typename }", "variables": f'{{"a": {deep}}}'})
    assert answer.status_code < 500


def test_every_input_with_the_name_of_a_secret_is_listed() -> None:
    unlisted = set()
    for kind in SCHEMA.graphql.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            given = kind.fields.items()
            names = {name for name, field in given if get_named_type(field.type).name == "Secret"}
            # A Secret stands in an input that is secret itself.
            if names and not names <= SECRETS:
                users = [
                    name
                    for other in SCHEMA.graphql.type_map.values()
                    if isinstance(other, GraphQLInputObjectType)
                    for name, field in other.fields.items()
                    if get_named_type(field.type) is kind
                ]
                unlisted |= set(users) - SECRETS
            unlisted |= {name for name in kind.fields if LOOKS_SECRET.search(name)} - SECRETS
        elif isinstance(kind, GraphQLObjectType):
            for field in kind.fields.values():
                unlisted |= {name for name in field.args if LOOKS_SECRET.search(name)} - SECRETS
    assert unlisted == set()
