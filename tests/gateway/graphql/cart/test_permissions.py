"""Access to carts: other buyers find nothing, staff with the permission see all carts of the company."""

from typing import Any

import pytest

from tests.gateway.graphql.cart.conftest import line
from tests.gateway.graphql.cart.operations import ADD, CARTS, CLEAR, MERGE, QUERY, REMOVE, SYNC, UPDATE
from tests.gateway.site import Site

TABLES = ("carts", "cart_items", "cart_promotions")


@pytest.fixture
async def guest_cart(shop: Site, shirt: Any) -> tuple[str, str]:
    """The token of a guest's cart, and the id of the line in it."""
    payload = (await shop.data(ADD, input=line(shirt, 2)))["cartItemAdd"]
    return payload["cartToken"], payload["cart"]["items"][0]["id"]


async def rows(owner: Any, shop: Site) -> list[Any]:
    return [
        await owner.fetch(f"select * from {table} where company_id = $1 order by 1, 2", shop.company_id)  # noqa: S608 - names from this file
        for table in TABLES
    ]


@pytest.mark.parametrize("who", [None, "customer", "clerk", "admin", "stranger"])
async def test_a_line_of_another_cart_is_not_found(
    shop: Site, shirt: Any, guest_cart: tuple[str, str], owner: Any, who: str | None
) -> None:
    _, item = guest_cart
    before = await rows(owner, shop)
    update = (await shop.data(UPDATE, who, input={"id": item, "quantity": 9}))["cartItemUpdate"]
    remove = (await shop.data(REMOVE, who, input={"id": item}))["cartItemRemove"]
    clear = (await shop.data(CLEAR, who))["cartClear"]
    assert [payload["errors"][0]["code"] for payload in (update, remove, clear)] == ["NOT_FOUND"] * 3
    assert (await shop.data(QUERY, who))["cart"] is None
    assert await rows(owner, shop) == before


@pytest.mark.parametrize("cut", [0, 1, 42])
async def test_only_the_complete_token_gives_access(shop: Site, guest_cart: tuple[str, str], cut: int) -> None:
    token, _ = guest_cart
    near = token[:cut] + ("A" if token[cut] != "A" else "B") + token[cut + 1 :]
    for guess in (near, token[:-1], token + "A", token.swapcase(), f" {token}", ""):
        shop.cart_token = guess
        assert (await shop.data(QUERY))["cart"] is None
    shop.cart_token = None
    assert (await shop.data(QUERY, cartToken=near))["cart"] is None


async def test_neither_the_hash_nor_the_id_of_a_cart_gives_access(
    shop: Site, guest_cart: tuple[str, str], owner: Any
) -> None:
    stored = await owner.fetchrow("select id, session_id from carts where company_id = $1", shop.company_id)
    for guess in (str(stored["id"]), stored["session_id"]):
        assert (await shop.data(QUERY, cartToken=guess))["cart"] is None


async def test_the_cart_token_of_another_company_gives_no_access(
    shop: Site, shirt: Any, guest_cart: tuple[str, str], owner: Any
) -> None:
    """The user is logged in to the other company, where the token is unknown."""
    shop.cart_token = guest_cart[0]
    before = await rows(owner, shop)
    merged = (await shop.data(MERGE, "stranger"))["cartMerge"]
    assert (merged["cart"], merged["errors"]) == (None, [])
    synced = (await shop.data(SYNC, "stranger", input={"items": [line(shirt)]}))["cartSync"]
    assert (synced["cart"], [each["reason"] for each in synced["rejectedLines"]]) == (None, ["NOT_FOR_SALE"])
    added = (await shop.data(ADD, "stranger", input=line(shirt)))["cartItemAdd"]
    assert [error["code"] for error in added["errors"]] == ["NOT_FOUND"]
    assert await rows(owner, shop) == before


@pytest.mark.parametrize(
    ("who", "code"), [(None, "UNAUTHENTICATED"), ("customer", "FORBIDDEN"), ("editor", "FORBIDDEN")]
)
async def test_the_list_of_carts_requires_the_permission(shop: Site, who: str | None, code: str) -> None:
    answer = await shop.ask(CARTS, who)
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert answer["data"] == {"carts": None}


async def test_staff_list_filter_search_and_sort_carts(shop: Site, shirt: Any, guest_cart: tuple[str, str]) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    await shop.data(ADD, "editor", input=line(shirt, 3))
    await shop.data(CLEAR, "editor")
    customer, editor = (str(shop.actors[who].user_id) for who in ("customer", "editor"))

    async def listed(**asked: Any) -> list[Any]:
        return [node["userId"] for node in (await shop.data(CARTS, "admin", **asked))["carts"]["nodes"]]

    by_creation = {"field": "CREATED_AT", "direction": "ASC"}
    assert sorted(await listed(sortBy=by_creation), key=str) == sorted([None, customer, editor], key=str)
    assert await listed(filter={"isGuest": True}) == [None]
    assert sorted(await listed(filter={"isGuest": False})) == sorted([customer, editor])
    assert await listed(filter={"isEmpty": True}) == [editor]
    assert await listed(filter={"userId": customer}) == [customer]
    assert await listed(filter={"updatedBefore": "2026-01-01T00:00:00Z"}) == []
    upside_down = {"updatedAfter": "2026-02-01T00:00:00Z", "updatedBefore": "2026-01-01T00:00:00Z"}
    (error,) = (await shop.ask(CARTS, "admin", filter=upside_down))["errors"]
    assert error["extensions"]["input"] == ["filter", "updatedBefore"]
    assert len(await listed(filter={"updatedAfter": "2026-01-01T00:00:00Z"})) == 3


async def test_searching_carts_by_customer_requires_the_permission_to_read_users(
    shop: Site, shirt: Any, owner: Any
) -> None:
    for who in ("customer", "editor"):
        await shop.data(ADD, who, input=line(shirt))
    customer = shop.actors["customer"].user_id
    await owner.execute("update users set search_text = 'zoe muller 100%_!' where id = $1", customer)
    for words in ("Müller", "zoe", "100%_!"):
        nodes = (await shop.data(CARTS, "admin", search=words))["carts"]["nodes"]
        assert [node["userId"] for node in nodes] == [str(customer)]
    await owner.execute("update users set search_text = search_text || ' 491711234567' where id = $1", customer)
    for number in ("0171 1234567", "+49 171 123-4567", "34567"):
        nodes = (await shop.data(CARTS, "admin", search=number))["carts"]["nodes"]
        assert [node["userId"] for node in nodes] == [str(customer)], number
    assert (await shop.data(CARTS, "admin", search="zo_"))["carts"]["nodes"] == []
    answer = await shop.ask(CARTS, "clerk", search="zoe")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_pages_of_carts_are_consecutive(shop: Site, shirt: Any) -> None:
    for who in ("customer", "editor", "clerk"):
        await shop.data(ADD, who, input=line(shirt))
    first = (await shop.data(CARTS, "admin", first=2))["carts"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    rest = (await shop.data(CARTS, "admin", first=2, after=first["pageInfo"]["endCursor"]))["carts"]
    ids = [node["id"] for node in first["nodes"] + rest["nodes"]]
    assert (len(ids), len(set(ids)), rest["pageInfo"]["hasNextPage"]) == (3, 3, False)


async def test_a_page_of_carts_executes_as_many_statements_for_one_as_for_three(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    await shop.data(CARTS, "admin")
    one = shop.count.data
    for who in ("editor", "clerk"):
        await shop.data(ADD, who, input=line(shirt))
    await shop.data(CARTS, "admin")
    assert (one, shop.count.data) == (4, 4)


async def test_carts_of_another_company_are_not_listed(shop: Site, guest_cart: tuple[str, str]) -> None:
    assert (await shop.data(CARTS, "stranger"))["carts"]["totalCount"] == 0
