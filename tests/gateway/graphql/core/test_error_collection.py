"""A response contains every error of an input with its exact path, in the order of the input."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import GraphQLList, GraphQLNonNull, get_named_type

from domains.kernel.ids import new_id
from domains.role.models import SystemRole
from gateway.graphql.core.schema import build_schema
from gateway.rate_limits.rate_limits import RateLimitSettings
from tests.gateway.error_cases import ADDRESS, WRONG_ADDRESS
from tests.gateway.error_cases import CASES as OTHER_CASES
from tests.gateway.graphql.catalog.error_cases import LONG
from tests.gateway.graphql.core.test_tenants import contents, variables
from tests.gateway.graphql.shipping.error_cases import CASES as SHIPPING_CASES
from tests.gateway.sample_shop import create_objects, user_tokens
from tests.gateway.schema_operations import Operation, operations, replaced
from tests.gateway.site import Site

SCHEMA = build_schema().graphql
CASES = [*OTHER_CASES, *SHIPPING_CASES]
MUTATIONS = {each.name: each for each in operations(SCHEMA) if each.kind == "mutation"}
# Alone these are refused, and beside others not told: nothing is done without a good key, and who tries a code or
# signs in is told no more than that it was wrong.
ALONE = {"idempotencyKey"}
# What is wrong in itself; other codes say what the field's value meets.
OF_FIELDS = {
    "INVALID",
    "MOVEMENT_DIRECTION_WRONG",
    "OUT_OF_RANGE",
    "RANGE_INVERTED",
    "REQUIRED",
    "TOO_LONG",
    "TOO_MANY",
    "TOO_MANY_DECIMALS",
    "WEAK_PASSWORD",
}
BAD: dict[str, list[Any]] = {
    "String": ["x" * 50_001, ""],
    "Int": [-1, 2**31 - 1],
    "Decimal": ["-1", "0.00001", "1e16"],
}


@pytest.fixture
async def shop(make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> tuple[Site, str, dict[str, str]]:
    """A sample shop that takes requests without a limit, and the token of its administrator."""
    monkeypatch.setattr("tests.gateway.site.RATES", RateLimitSettings(writes_per_address=0, writes_per_account=0))
    site = make_site()
    admin, customer = await user_tokens(site)
    ids = await create_objects(site, admin, customer)
    own = """mutation { addressCreate(input: {type: SHIPPING, fullName: "A B", addressLine1: "1 Way", city: "Berlin",
      postalCode: "10115", country: "DE"}) { address { id } errors { message } } }"""
    ids["address"] = (await site.value(own, admin))["address"]["id"]
    return site, admin, ids


def filled(value: Any, ids: dict[str, str]) -> Any:
    """A value with the ids of things for their names."""
    if isinstance(value, dict):
        return {name: filled(each, ids) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    return ids[value[1:]] if isinstance(value, str) and value.startswith("$") else value


async def errors(site: Site, who: str, name: str, **arguments: Any) -> list[dict[str, Any]]:
    """The user errors of a mutation; none when the whole of it was refused."""
    answer = (await site.post(MUTATIONS[name].text, who, **arguments)).json()
    payload = (answer.get("data") or {}).get(name) or {}
    found: list[dict[str, Any]] = payload.get("errors") or []
    return found


async def stored_digest(owner: Any, site: Site) -> dict[str, str]:
    """A digest of each table but that of refusals, which are kept under their keys."""
    found = await contents(owner, site.company_id)
    return {table: digest for table, digest in found.items() if table != "idempotency_keys"}


def codes_of(found: list[dict[str, Any]]) -> list[str]:
    """Errors as `CODE path.below.input`."""
    return [f"{error['code']} {'.'.join((error['path'] or [''])[1:])}" for error in found]


@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES}))
async def test_all_errors_of_an_input_are_reported_together(
    shop: tuple[Site, str, dict[str, str]], owner: Any, name: str
) -> None:
    site, admin, ids = shop
    before = await stored_digest(owner, site)
    for mutation, given, expected in CASES:
        if mutation == name:
            assert codes_of(await errors(site, admin, name, input=filled(given, ids))) == expected
    assert await stored_digest(owner, site) == before


async def test_a_checkout_reports_all_errors_of_its_input(shop: tuple[Site, str, dict[str, str]]) -> None:
    site, _, ids = shop
    token = await site.value(
        "mutation ($p: ID!, $v: ID!) { cartItemAdd(input: {productId: $p, variantId: $v}) { cartToken } }",
        p=ids["product"],
        v=ids["variant"],
    )
    given = {
        "idempotencyKey": str(new_id()),
        "cartToken": token["cartToken"],
        "email": "nobody",
        "shippingAddress": ADDRESS,
        "billingAddress": {"fullName": "A", "addressLine1": "1", "postalCode": "1", "country": "DE"},
        "notes": LONG,
        "expectedTotal": "-1",
    }
    where = [f"{code} shippingAddress.{field}" for code, field in map(str.split, WRONG_ADDRESS)]
    expected = [
        "INVALID email",
        *where,
        "REQUIRED billingAddress.city",
        "INVALID billingAddress.postalCode",
        "TOO_LONG notes",
        "OUT_OF_RANGE expectedTotal",
    ]
    first = await errors(site, None, "orderCreate", input=given)  # type: ignore[arg-type] # a guest
    assert codes_of(first) == expected
    assert await errors(site, None, "orderCreate", input=given) == first  # type: ignore[arg-type] # kept under its key


async def test_creating_and_renaming_a_company_report_all_errors(make_site: Callable[..., Site]) -> None:
    site = make_site()
    root = await site.token(SystemRole.SUPER_ADMIN)
    given = {"name": " ", "slug": "?", "currency": "EUR"}
    assert codes_of(await errors(site, root, "companyCreate", input=given)) == ["REQUIRED name", "INVALID slug"]
    renamed = {"id": str(site.company_id), "name": LONG, "slug": "?"}
    assert codes_of(await errors(site, root, "companyUpdate", input=renamed)) == ["TOO_LONG name", "INVALID slug"]


async def test_a_sku_in_use_names_its_product(shop: tuple[Site, str, dict[str, str]]) -> None:
    site, admin, ids = shop
    given = {"name": "A", "categoryId": ids["category"], "basePrice": "1", "sku": ids["sku"]}
    (error,) = await errors(site, admin, "productCreate", input=given)
    assert error["path"] == ["input", "sku"]
    assert "belongs to the product 'a-shirt' (A shirt)." in error["message"]


def fields(operation: Operation) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """The fields of a mutation's input that can be wrong by themselves, each with values that may be.

    Of the conditions of a segment, of which an input has one, it is one.
    """
    for path, kind in operation.paths():
        bad = BAD.get(get_named_type(kind).name, [])
        is_other = "conditions" in path and path[-1] != "paidOrdersAtLeast"
        if bad and path[-1] not in ALONE and not is_other:
            nullable = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
            yield path, [[each] if isinstance(nullable, GraphQLList) else each for each in bad]


def names(path: list[str] | None) -> tuple[str, ...]:
    """A path without the places of lists."""
    return tuple(step for step in path or () if not step.isdecimal())


async def test_fields_that_are_refused_separately_are_refused_together(
    shop: tuple[Site, str, dict[str, str]],
) -> None:
    site, admin, ids = shop
    together: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for operation in MUTATIONS.values():
        given = variables(operation, ids)
        everything = given
        for path, values in fields(operation):
            for value in values:
                alone = await errors(site, admin, operation.name, **replaced(given, path, operation.field, value))
                if path in {names(error["path"]) for error in alone if error["code"] in OF_FIELDS}:
                    together[operation.name].add(path)
                    everything = replaced(everything, path, operation.field, value)
                    break
        found = await errors(site, admin, operation.name, **everything) if operation.name in together else []
        missing = together.get(operation.name, set()) - {names(error["path"]) for error in found}
        assert not missing, (operation.name, missing, codes_of(found))
    several = {name: len(paths) for name, paths in together.items() if len(paths) > 1}
    assert len(several) > 20, several
