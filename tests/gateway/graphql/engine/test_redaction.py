"""GraphQL errors contain location, type and name, and no value of the request."""

from typing import Any

import httpx
import pytest

from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.graphql.engine.redaction import without_values
from tests.gateway.conftest import client_of, make_api, make_app
from tests.gateway.toy_shop import RecordingDatabase

SECRET = "correct-horse-4242424242424242"
NUMBER = "4242424242424242"
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { errors { code } } }"
PAY = "mutation ($input: OrderPayInput!) { orderPay(input: $input) { errors { code } } }"
ORDER = {"idempotencyKey": "k", "orderId": "0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b"}
CARD = {"number": NUMBER, "expiryMonth": 12, "expiryYear": 2030, "securityCode": SECRET}
GOOD = {"email": "a@example.com", "password": SECRET}
VARIABLES = [
    (LOGIN, {"input": GOOD | {"pasword": SECRET}}, "unknown field 'pasword'"),
    (LOGIN, {"input": {"password": SECRET}}, "required field 'email'"),
    (LOGIN, {"input": SECRET}, "to be an object"),
    (LOGIN, {"input": {"email": SECRET, "password": [SECRET]}}, "at .password"),
    (LOGIN, {"input": GOOD | {SECRET: 1}}, "an unknown field"),
    (LOGIN, {"input": GOOD | {f"a', found: '{SECRET}": 1}}, "unknown field"),
    (PAY, {"input": ORDER | {"orderId": SECRET, "card": CARD}}, "ID cannot represent this input"),
    (PAY, {"input": ORDER | {"method": SECRET, "card": CARD}}, "does not exist in 'PaymentMethod' enum"),
    (PAY, {"input": ORDER | {"method": [SECRET]}}, "cannot represent non-string value"),
    (PAY, {"input": ORDER | {"card": CARD | {"expiryMonth": SECRET}}}, "Int cannot represent non-integer value"),
    (PAY, {"input": ORDER | {"card": CARD | {"expiryMonth": int(NUMBER)}}}, "Int cannot represent non 32-bit signed"),
    (PAY, {"input": ORDER | {"card": CARD | {"securityCod": "1"}}}, "unknown field 'securityCod'"),
]
LITERALS = [
    f'mutation {{ login(input: {{email: "a", pasword: "{SECRET}", password: "{SECRET}"}}) {{ errors {{ code }} }} }}',
    f'mutation {{ login(input: "{SECRET}") {{ errors {{ code }} }} }}',
    f'mutation {{ login(input: {{email: {NUMBER}, password: ["{SECRET}"]}}) {{ errors {{ code }} }} }}',
    f'mutation {{ login(input: {{email: "a", password: "{SECRET}"}} "{SECRET}") {{ errors {{ code }} }} }}',
    f'{{ products(first: "{SECRET}") {{ totalCount }} }}',
    f"{{ products(first: {NUMBER}) {{ totalCount }} }}",
    f"{{ product(id: {NUMBER}) {{ id }} }}",
    f'{{ "{SECRET}" }}',
    f"{{ {NUMBER} }}",
    f'{{ """{SECRET}""" }}',
    f"{{ product(id: .{NUMBER}) {{ id }} }}",
    f'query ($n: Int = "{SECRET}") {{ products(first: $n) {{ totalCount }} }}',
    f'{{ products(sortBy: {{field: "{SECRET}"}}) {{ totalCount }} }}',
]


@pytest.fixture
async def shop() -> Any:
    api = make_api(build_schema(), RecordingDatabase(), GraphQLLimits())
    async with client_of(make_app(api)) as client:
        yield client


@pytest.mark.parametrize(("query", "variables", "message"), VARIABLES)
async def test_an_invalid_variable_is_reported_without_its_value(
    shop: httpx.AsyncClient, query: str, variables: dict[str, Any], message: str
) -> None:
    response = await shop.post("/graphql", json={"query": query, "variables": variables})
    assert message in response.json()["errors"][0]["message"]
    assert SECRET not in response.text
    assert NUMBER not in response.text


@pytest.mark.parametrize("query", LITERALS)
async def test_an_invalid_literal_is_reported_without_its_value(shop: httpx.AsyncClient, query: str) -> None:
    response = await shop.post("/graphql", json={"query": query})
    assert response.json()["errors"][0]["extensions"]["code"] in {"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"}
    assert SECRET not in response.text
    assert NUMBER not in response.text


@pytest.mark.parametrize("literal", [r'"\u{{{}}}"', r'"\u{}"', r'"\{}"'])
async def test_an_invalid_escape_sequence_is_reported_without_its_characters(
    shop: httpx.AsyncClient, literal: str
) -> None:
    response = await shop.post("/graphql", json={"query": f"{{ product(slug: {literal.format('hush')}) {{ id }} }}"})
    assert response.json()["errors"][0]["message"].endswith("escape sequence.")


def test_the_message_of_an_error_in_a_scalar_is_not_returned() -> None:
    message = f"Expected value of type 'Weight', but encountered error 'no number: {SECRET}'; found: '{SECRET}'."
    assert without_values(message) == "Expected value of type 'Weight'."


async def test_redacted_messages_stay_readable(shop: httpx.AsyncClient) -> None:
    response = await shop.post("/graphql", json={"query": LOGIN, "variables": {"input": GOOD | {"pasword": "x"}}})
    (error,) = response.json()["errors"]
    assert error["message"] == (
        "Variable '$input' has invalid value: "
        "Expected value of type 'LoginInput' not to include unknown field 'pasword'. Did you mean 'password'?"
    )
