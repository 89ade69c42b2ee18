"""Product alerts through the API: of users and guests, for staff, and of no one else."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.gateway.graphql.catalog.conftest import make_category, make_product, shop
from tests.gateway.site import Site

__all__ = ["shop"]
CREATE = """mutation ($input: ProductAlertCreateInput!) { productAlertCreate(input: $input) {
  alert { id kind userId email price { amount currency } targetPrice { amount } notified product { name }
    variant { sku } }
  confirmationId errors { code path } } }"""
CONFIRM = """mutation ($input: ProductAlertConfirmInput!) { productAlertConfirm(input: $input) {
  alert { id email user { id } } errors { code path } } }"""
DELETE = """mutation ($input: ProductAlertDeleteInput!) {
  productAlertDelete(input: $input) { deletedId errors { code path } } }"""
MINE = "{ myProductAlerts(first: 5) { totalCount nodes { id kind product { name } } } }"
ALL = """query ($filter: ProductAlertFilterInput, $sortBy: ProductAlertSortInput) {
  productAlerts(filter: $filter, sortBy: $sortBy) { totalCount nodes { id email user { id } product { name } } } }"""
DEMAND = "{ productAlertDemand { backInStock priceDrop product { name } variant { sku } } }"
GUS = "gus@example.com"


@pytest.fixture
async def tea(shop: Site) -> Any:
    """A product in two variants, of which none is in stock."""
    variants = [{"sku": "T-1"}, {"sku": "T-2"}]
    category = await make_category(shop)
    return await make_product(
        shop, name="Tea", categoryId=category, basePrice="10.00", isActive=True, variants=variants
    )


@pytest.fixture(autouse=True)
async def opened(shop: Site) -> AsyncIterator[None]:
    """What a test was mailed it has read."""
    yield
    shop.mailbox.mails.clear()


def item(tea: Any, **given: Any) -> dict[str, Any]:
    return {"productId": tea["id"], "variantId": tea["variants"][0]["id"], **given}


async def code_of(shop: Site, owner: Any, company: UUID) -> str:
    """The code that was mailed last."""
    content = await owner.fetchval(
        "select content from notifications where company_id = $1 and kind = 'ALERT_CONFIRMATION' "
        "order by id desc limit 1",
        company,
    )
    return str(orjson.loads(shop.mailbox.decrypt(content))["code"])


async def create(shop: Site, who: str | None, tea: Any, **given: Any) -> Any:
    return (await shop.data(CREATE, who, input=item(tea, **given)))["productAlertCreate"]


async def test_a_user_creates_lists_and_deletes_an_alert(shop: Site, tea: Any) -> None:
    made = await create(shop, "customer", tea, kind="PRICE_DROP", targetPrice="8.00")
    alert = made["alert"]
    assert (made["errors"], made["confirmationId"], alert["email"], alert["notified"]) == ([], None, None, False)
    assert alert["price"] == {"amount": "10.00", "currency": "EUR"}
    assert (alert["targetPrice"], alert["variant"]) == ({"amount": "8.00"}, {"sku": "T-1"})
    mine = (await shop.data(MINE, "customer"))["myProductAlerts"]
    assert mine == {"totalCount": 1, "nodes": [{"id": alert["id"], "kind": "PRICE_DROP", "product": {"name": "Tea"}}]}
    assert (await shop.data(MINE, "clerk"))["myProductAlerts"]["totalCount"] == 0
    assert (await shop.data(DELETE, "clerk", input={"id": alert["id"]}))["productAlertDelete"]["errors"] == [
        {"code": "NOT_FOUND", "path": ["input", "id"]}
    ]
    gone = (await shop.data(DELETE, "customer", input={"id": alert["id"]}))["productAlertDelete"]
    assert gone == {"deletedId": alert["id"], "errors": []}


async def test_a_guest_confirms_with_the_mailed_code(shop: Site, tea: Any, owner: Any, company: UUID) -> None:
    made = await create(shop, None, tea, email=GUS, language="de")
    assert (made["alert"], made["errors"]) == (None, [])
    code = await code_of(shop, owner, company)
    wrong = {"confirmationId": made["confirmationId"], "code": f"{(int(code) + 1) % 10**6:06d}"}
    refused = (await shop.data(CONFIRM, input=wrong))["productAlertConfirm"]
    assert refused["errors"] == [{"code": "INVALID_CODE", "path": ["input", "code"]}]
    confirmed = (await shop.ask(CONFIRM, input=wrong | {"code": code}))["data"]["productAlertConfirm"]
    assert (confirmed["alert"]["email"], confirmed["errors"]) == (GUS, [])


async def test_the_answer_does_not_tell_whether_an_address_is_known(shop: Site, tea: Any) -> None:
    await create(shop, None, tea, email=GUS)
    known, unknown = [await create(shop, None, tea, email=each) for each in (GUS, "new@example.com")]
    assert [each["errors"] for each in (known, unknown)] == [[], []]
    assert {known.keys() == unknown.keys(), known["confirmationId"] != unknown["confirmationId"]} == {True}


async def test_bad_input_is_refused_with_its_path(shop: Site, tea: Any) -> None:
    async def errors(who: str | None, **given: Any) -> Any:
        return [(each["code"], each["path"][-1]) for each in (await create(shop, who, tea, **given))["errors"]]

    assert await errors(None) == [("REQUIRED", "email")]
    assert await errors(None, email="x" * 300) == [("INVALID", "email")]
    assert await errors(None, email="a@b.example\r\nBcc: c@d.example") == [("INVALID", "email")]
    assert await errors("customer", email=GUS) == [("ALERT_ADDRESS_FIXED_BY_ACCOUNT", "email")]
    assert await errors("customer", variantId=None) == [("VARIANT_REQUIRED", "variantId")]
    assert await errors("customer", kind="PRICE_DROP", targetPrice="10.00") == [
        ("TARGET_PRICE_TOO_HIGH", "targetPrice")
    ]
    assert await errors("customer", targetPrice="1.00") == [("INVALID", "targetPrice")]
    assert await errors("customer", language="xx_y!") == [("LANGUAGE_INVALID", "language")]


async def test_staff_see_all_alerts_and_what_is_most_waited_for(shop: Site, tea: Any) -> None:
    await create(shop, "customer", tea)
    await create(shop, "customer", tea, kind="PRICE_DROP")
    await create(shop, "clerk", tea)
    await create(shop, "editor", tea, variantId=tea["variants"][1]["id"])
    found = (await shop.data(ALL, "admin", filter={"kind": "BACK_IN_STOCK", "notified": False}))["productAlerts"]
    assert found["totalCount"] == 3
    assert shop.count.data == 4  # the page, its number, the users, the products
    customer = str(shop.actors["customer"].user_id)
    by_end = {"field": "EXPIRES_AT", "direction": "ASC"}
    one = (await shop.data(ALL, "admin", filter={"userId": customer}, sortBy=by_end))["productAlerts"]
    assert [each["user"]["id"] for each in one["nodes"]] == [customer] * 2
    assert (await shop.data(DEMAND, "admin"))["productAlertDemand"] == [
        {"backInStock": 2, "priceDrop": 1, "product": {"name": "Tea"}, "variant": {"sku": "T-1"}},
        {"backInStock": 1, "priceDrop": 0, "product": {"name": "Tea"}, "variant": {"sku": "T-2"}},
    ]
    assert shop.count.data == 3


async def test_guests_and_the_wrong_role_are_denied_and_strangers_find_nothing(shop: Site, tea: Any) -> None:
    alert = (await create(shop, "customer", tea))["alert"]["id"]
    for query in (ALL, DEMAND):
        assert await shop.denied(query) == "UNAUTHENTICATED"
        assert await shop.denied(query, "customer") == "FORBIDDEN"
        assert await shop.denied(query, "clerk") == "FORBIDDEN"
    assert await shop.denied(MINE) == "UNAUTHENTICATED"
    assert await shop.denied(DELETE, input={"id": alert}) == "UNAUTHENTICATED"
    deleted = (await shop.data(DELETE, "admin", input={"id": alert}))["productAlertDelete"]
    assert deleted["deletedId"] == alert
