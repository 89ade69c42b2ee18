"""Carts through GraphQL: guests and users, errors as data, and the number of statements."""

from typing import Any

import pytest

from domains.kernel.ids import new_id
from gateway.graphql.core.context import RequestMetadata
from tests.gateway.graphql.cart.conftest import line, make_shirt
from tests.gateway.graphql.cart.operations import (
    ACCEPT,
    ADD,
    ADD_ALL,
    CART,
    CLEAR,
    MERGE,
    QUERY,
    REMOVE,
    SYNC,
    UPDATE,
)
from tests.gateway.site import Site

PRICE = """mutation ($id: ID!, $price: Decimal!) {
  productUpdate(input: {id: $id, basePrice: $price}) { errors { code } } }"""

HIDE = "mutation ($id: ID!) { productUnpublish(input: {id: $id}) { errors { code } } }"


async def add(shop: Site, shirt: Any, quantity: int = 1, token: str | None = None) -> Any:
    payload = (await shop.data(ADD, token, input=line(shirt, quantity)))["cartItemAdd"]
    assert payload["errors"] == []
    return payload


async def test_a_guest_fills_a_cart_and_returns_with_its_token(shop: Site, shirt: Any) -> None:
    made = await add(shop, shirt, 2)
    shop.cart_token = made["cartToken"]
    again = await add(shop, shirt)
    assert again["cartToken"] is None
    cart = (await shop.data(QUERY))["cart"]
    assert cart == again["cart"]
    assert (cart["userId"], cart["currency"], cart["itemCount"]) == (None, "EUR", 3)
    (item,) = cart["items"]
    assert {key: item[key] for key in ("quantity", "name", "sku", "priceChanged", "available", "isAvailable")} == {
        "quantity": 3,
        "name": "Shirt (S)",
        "sku": "Shirt-S",
        "priceChanged": False,
        "available": 10,
        "isAvailable": True,
    }
    assert item["unitPrice"] == {"amount": "20.00", "currency": "EUR"}
    assert (item["product"], item["variant"]) == ({"slug": "shirt"}, {"sku": "Shirt-S"})


async def test_several_products_are_added_together_or_not_at_all(shop: Site, shirt: Any) -> None:
    other = await make_shirt(shop, "Other")
    made = (await shop.data(ADD_ALL, input={"items": [line(shirt, 2), line(other, 1)]}))["cartItemsAdd"]
    assert (made["errors"], made["cart"]["itemCount"]) == ([], 3)
    assert [item["sku"] for item in made["cart"]["items"]] == ["Shirt-S", "Other-S"]
    shop.cart_token = made["cartToken"]
    short = (await shop.data(ADD_ALL, input={"items": [line(other, 1), line(shirt, 9)]}))["cartItemsAdd"]
    assert short == {
        "cartToken": None,
        "cart": None,
        "errors": [{"code": "INSUFFICIENT_STOCK", "path": ["input", "items", "1", "quantity"]}],
    }
    assert (await shop.data(QUERY))["cart"]["itemCount"] == 3


async def test_the_token_may_be_an_argument_instead_of_a_header(shop: Site, shirt: Any) -> None:
    made = await add(shop, shirt)
    assert (await shop.data(QUERY))["cart"] is None
    found = await shop.data(QUERY, cartToken=made["cartToken"])
    assert found["cart"]["id"] == made["cart"]["id"]


async def test_a_user_has_one_cart_whatever_token_is_sent(shop: Site, shirt: Any) -> None:
    guest = await add(shop, shirt)
    shop.cart_token = guest["cartToken"]
    own = await add(shop, shirt, 2, "customer")
    assert own["cartToken"] is None
    assert own["cart"]["id"] != guest["cart"]["id"]
    assert own["cart"]["userId"] == str(shop.actors["customer"].user_id)
    assert (await shop.data(QUERY, "customer"))["cart"]["itemCount"] == 2


async def test_lines_are_changed_and_removed_and_the_cart_is_cleared(shop: Site, shirt: Any) -> None:
    cart = (await add(shop, shirt, 2, "customer"))["cart"]
    item = cart["items"][0]["id"]
    changed = (await shop.data(UPDATE, "customer", input={"id": item, "quantity": 5}))["cartItemUpdate"]
    assert [each["quantity"] for each in changed["cart"]["items"]] == [5]
    removed = (await shop.data(REMOVE, "customer", input={"id": item}))["cartItemRemove"]
    assert (removed["cart"]["items"], removed["errors"]) == ([], [])
    await add(shop, shirt, 2, "customer")
    cleared = (await shop.data(CLEAR, "customer"))["cartClear"]
    assert (cleared["cart"]["id"], cleared["cart"]["itemCount"]) == (cart["id"], 0)


async def test_a_price_change_is_shown_until_it_is_accepted(shop: Site, shirt: Any) -> None:
    await add(shop, shirt, 2, "customer")
    await shop.data(PRICE, "admin", id=shirt["id"], price="25.00")
    (item,) = (await shop.data(QUERY, "customer"))["cart"]["items"]
    assert (item["priceChanged"], item["unitPrice"]["amount"], item["priceSnapshot"]["amount"]) == (
        True,
        "25.00",
        "20.00",
    )
    accepted = (await shop.data(ACCEPT, "customer"))["cartPricesAccept"]
    assert [each["priceChanged"] for each in accepted["cart"]["items"]] == [False]


async def test_a_quantity_above_the_stock_is_refused_with_the_available_number(shop: Site, shirt: Any) -> None:
    payload = (await shop.data(ADD, input=line(shirt, 11)))["cartItemAdd"]
    assert (payload["cart"], payload["cartToken"]) == (None, None)
    (error,) = payload["errors"]
    assert error.pop("message").startswith("Not enough stock. Available: 10 of 'Shirt-S'")
    assert error == {
        "__typename": "InsufficientStockError",
        "code": "INSUFFICIENT_STOCK",
        "path": ["input", "quantity"],
        "sku": "Shirt-S",
        "requested": 11,
        "available": 10,
    }


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"quantity": 0}, "OUT_OF_RANGE", "quantity"),
        ({"quantity": -3}, "OUT_OF_RANGE", "quantity"),
        ({"quantity": 1_000}, "CART_LIMIT_EXCEEDED", "quantity"),
        ({"quantity": 2**31 - 1}, "CART_LIMIT_EXCEEDED", "quantity"),
        ({"productId": str(new_id())}, "NOT_FOUND", "productId"),
        ({"variantId": str(new_id())}, "NOT_FOUND", "variantId"),
        ({"variantId": None}, "VARIANT_REQUIRED", "variantId"),
    ],
)
async def test_invalid_input_is_refused_with_its_path_and_changes_nothing(
    shop: Site, shirt: Any, owner: Any, change: dict[str, Any], code: str, path: str
) -> None:
    payload = (await shop.data(ADD, input=line(shirt) | change))["cartItemAdd"]
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, ["input", path])]
    assert await owner.fetchval("select count(*) from carts where company_id = $1", shop.company_id) == 0


async def test_a_sync_reports_what_was_left_out(shop: Site, shirt: Any) -> None:
    unknown = str(new_id())
    items = [line(shirt, 12), line(shirt, 1, size=1), {"productId": unknown, "quantity": 2}]
    payload = (await shop.data(SYNC, input={"items": items}))["cartSync"]
    assert payload["errors"] == []
    assert [each["quantity"] for each in payload["cart"]["items"]] == [10, 1]
    assert payload["rejectedLines"] == [
        {
            "productId": shirt["id"],
            "variantId": shirt["variants"][0]["id"],
            "requested": 12,
            "added": 10,
            "reason": "INSUFFICIENT_STOCK",
        },
        {"productId": unknown, "variantId": None, "requested": 2, "added": 0, "reason": "NOT_FOR_SALE"},
    ]
    shop.cart_token = payload["cartToken"]
    assert (await shop.data(QUERY))["cart"]["itemCount"] == 11


async def test_a_guests_cart_is_merged_after_a_login_and_its_token_is_used_up(shop: Site, shirt: Any) -> None:
    shop.cart_token = (await add(shop, shirt, 4))["cartToken"]
    await add(shop, shirt, 3, "customer")
    merged = (await shop.data(MERGE, "customer"))["cartMerge"]
    assert (merged["cart"]["itemCount"], merged["rejectedLines"], merged["errors"]) == (7, [], [])
    assert (await shop.data(QUERY))["cart"] is None
    again = (await shop.data(MERGE, "customer"))["cartMerge"]
    assert again["cart"]["itemCount"] == 7


async def test_a_merge_requires_a_token_and_a_user(shop: Site, shirt: Any) -> None:
    payload = (await shop.data(MERGE, "customer"))["cartMerge"]
    assert payload["errors"] == [{"code": "REQUIRED", "path": ["input", "cartToken"]}]
    shop.cart_token = (await add(shop, shirt))["cartToken"]
    answer = await shop.ask(MERGE)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert (await shop.data(QUERY))["cart"]["itemCount"] == 1


async def test_operations_without_a_cart_are_refused(shop: Site, shirt: Any) -> None:
    assert (await shop.data(QUERY, "customer"))["cart"] is None
    item = {"id": str(new_id()), "quantity": 1}
    assert (await shop.data(CLEAR, "customer"))["cartClear"]["errors"][0]["code"] == "NOT_FOUND"
    assert (await shop.data(UPDATE, "customer", input=item))["cartItemUpdate"]["errors"][0]["code"] == "NOT_FOUND"


async def test_a_hidden_product_is_shown_on_its_line_by_name_only(shop: Site, shirt: Any) -> None:
    await add(shop, shirt, 1, "customer")
    await shop.data(HIDE, "admin", id=shirt["id"])
    (item,) = (await shop.data(QUERY, "customer"))["cart"]["items"]
    assert (item["name"], item["isAvailable"], item["product"], item["variant"]) == ("Shirt (S)", False, None, None)


async def test_a_cart_of_many_lines_is_read_with_four_statements(shop: Site, shirt: Any) -> None:
    for _ in range(2):  # the first addition makes the cart
        await add(shop, shirt, 1, "customer")
    few = shop.count.data
    other = await make_shirt(shop, "Other")
    for size in (0, 1):
        await shop.data(ADD, "customer", input=line(other, 1, size))
    assert shop.count.data == few
    await shop.data(QUERY, "customer")
    assert shop.count.data == 4


async def test_only_the_first_response_contains_the_token(shop: Site, shirt: Any, owner: Any) -> None:
    token = (await add(shop, shirt))["cartToken"]
    shop.cart_token = token
    everything = str(await shop.ask(CART + "{ cart { ...Whole } }")) + str(await shop.ask(CLEAR))
    assert token not in everything
    assert token not in repr(RequestMetadata("id", "ip", "agent", cart_token=token))
    rows = await owner.fetch("select t::text from carts t where company_id = $1", shop.company_id)
    assert [token in row["t"] for row in rows] == [False]
