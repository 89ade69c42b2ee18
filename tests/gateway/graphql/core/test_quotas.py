"""Writes are limited by network address or account, company and time."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domains.activity import service as activity
from domains.cart import quotas as carts
from domains.catalog import data as catalog
from domains.catalog.search import index
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from gateway.graphql.core import idempotency
from tests.domains.catalog.search_products import insert_category, insert_product
from tests.gateway.site import Site

ADD = """mutation ($input: CartItemsAddInput!) {
  cartItemsAdd(input: $input) { cartToken errors { code ... on RateLimitedError { retryAfter } } } }"""
SYNC = "mutation ($input: CartSyncInput!) { cartSync(input: $input) { errors { code } } }"
TRACK = "mutation ($input: ActivityTrackInput!) { activityTrack(input: $input) { tracked errors { code } } }"
PAY = """mutation ($input: OrderPayInput!) { orderPay(input: $input) { errors { code } } }"""
OFFICE, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
async def products(database: Database, site: Site, company: UUID) -> list[str]:
    """Two products for sale without stock to count."""
    async with database.transaction(Actor.system(company)) as tx:
        category = await insert_category(tx, "Mugs")
        made = [await insert_product(tx, category, name) for name in ("Mug", "Pot")]
        await catalog.product.update_many(
            tx, where={"id": {"in": made}}, data={"is_tracked": False, "is_active": True}
        )
        await index.reindex(tx, made)
    return [str(each) for each in made]


def lines(products: list[str]) -> dict[str, Any]:
    return {"items": [{"productId": each, "quantity": 1} for each in products]}


def smaller(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, most: int) -> None:
    quota = getattr(module, name)
    monkeypatch.setattr(module, name, replace(quota, limit=most))


async def test_new_carts_of_guests_are_limited_per_address(
    site: Site, products: list[str], monkeypatch: pytest.MonkeyPatch, owner: Any, company: UUID
) -> None:
    smaller(monkeypatch, carts, "NEW_CARTS", 3)
    for _ in range(3):
        token = (await site.do(ADD, **lines(products)))["cartToken"]
    assert await site.refused(ADD, **lines(products)) == {"code": "RATE_LIMITED", "retryAfter": 3_600}
    assert await site.refused(SYNC, **lines(products)) == {"code": "RATE_LIMITED"}
    assert await owner.fetchval("select count(*) from carts where company_id = $1", company) == 3
    assert (await site.do(ADD, cartToken=token, **lines(products)))["cartToken"] is None
    site.ip = ELSEWHERE
    await site.do(ADD, **lines(products))


async def test_invented_cart_tokens_do_not_circumvent_the_limit(
    site: Site, products: list[str], monkeypatch: pytest.MonkeyPatch, owner: Any, company: UUID
) -> None:
    smaller(monkeypatch, carts, "NEW_CARTS", 2)
    invented = [{"cartToken": f"invented-{i}", **lines(products)} for i in range(3)]
    for query, given in ((ADD, invented[0]), (SYNC, invented[1])):
        await site.do(query, **given)
    for query in (ADD, SYNC):
        assert (await site.refused(query, **invented[2]))["code"] == "RATE_LIMITED"
    assert await owner.fetchval("select count(*) from carts where company_id = $1", company) == 2
    customer = await site.token()
    await site.do(ADD, customer, **invented[2])


async def test_many_carts_in_one_request_are_limited_by_the_quota(
    site: Site, products: list[str], monkeypatch: pytest.MonkeyPatch, owner: Any, company: UUID
) -> None:
    smaller(monkeypatch, carts, "NEW_LINES", 20)
    fields = " ".join(f"a{i}: cartItemsAdd(input: $input) {{ errors {{ code }} }}" for i in range(20))
    answer = await site.data(f"mutation ($input: CartItemsAddInput!) {{ {fields} }}", input=lines(products))
    refused = [name for name, payload in answer.items() if payload["errors"]]
    assert len(refused) == 10
    assert await owner.fetchval("select count(*) from cart_items where company_id = $1", company) == 20


async def test_a_refused_addition_does_not_use_up_the_quota(
    site: Site, products: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    smaller(monkeypatch, carts, "NEW_LINES", 4)
    smaller(monkeypatch, carts, "NEW_CARTS", 2)
    gone = [{"productId": str(new_id()), "quantity": 1}]
    for _ in range(5):
        assert (await site.refused(ADD, items=gone * 2))["code"] == "NOT_FOUND"
    many = [{"productId": product, "quantity": 1} for product in products] * 3
    assert (await site.refused(ADD, items=many))["code"] == "RATE_LIMITED"
    for _ in range(2):
        await site.do(ADD, **lines(products))
    assert (await site.refused(ADD, **lines(products)))["code"] == "RATE_LIMITED"


async def test_the_lines_of_a_customer_are_counted_for_the_account(
    site: Site, products: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    smaller(monkeypatch, carts, "NEW_LINES_OF_ACCOUNT", 3)
    customer, other = await site.token(), await site.token()
    full = lines(products)
    await site.do(SYNC, customer, **full)
    await site.do(SYNC, customer, items=[])
    site.ip = ELSEWHERE
    assert (await site.refused(SYNC, customer, **full))["code"] == "RATE_LIMITED"
    await site.do(SYNC, other, **full)
    await site.do(SYNC, **full)


async def test_quotas_of_two_companies_are_independent(
    site: Site, make_site: Any, other_company: UUID, products: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    smaller(monkeypatch, carts, "NEW_CARTS", 1)
    await site.do(ADD, **lines(products))
    assert (await site.refused(ADD, **lines(products)))["code"] == "RATE_LIMITED"
    foreign = await make_site(other_company).value(ADD, input=lines(products))
    assert {error["code"] for error in foreign["errors"]} == {"NOT_FOUND"}
    smaller(monkeypatch, carts, "NEW_CARTS", 0)
    assert (await make_site(other_company).refused(ADD, **lines(products)))["code"] == "RATE_LIMITED"


async def test_a_view_counts_once_per_visitor_in_a_period(
    site: Site, products: list[str], owner: Any, company: UUID
) -> None:
    view = {"action": "PRODUCT_VIEW", "resource": products[0]}
    fields = " ".join(f"a{i}: activityTrack(input: $input) {{ tracked }}" for i in range(5))
    many = f"mutation ($input: ActivityTrackInput!) {{ {fields} }}"
    views = "select coalesce(sum(views), 0) from product_views where company_id = $1"
    await site.data(many, input={"activities": [view] * 50})
    assert await owner.fetchval(views, company) == 1
    await site.do(TRACK, activities=[{"action": "PRODUCT_VIEW", "resource": products[1]}])
    assert await owner.fetchval(views, company) == 2
    site.ip = ELSEWHERE
    await site.do(TRACK, activities=[view])
    assert await owner.fetchval(views, company) == 3
    site.clock.advance(activity.VIEW_WINDOW)
    await site.do(TRACK, activities=[view])
    assert await owner.fetchval(views, company) == 4


async def test_views_of_one_visitor_above_the_limit_do_not_count_for_half_an_hour(
    site: Site, products: list[str], monkeypatch: pytest.MonkeyPatch, owner: Any, company: UUID
) -> None:
    monkeypatch.setattr(activity, "MAX_VIEWS", 3)
    views = "select coalesce(sum(views), 0) from product_views where company_id = $1"
    invented = [{"action": "PRODUCT_VIEW", "resource": str(new_id())} for _ in range(2)]
    real = [{"action": "PRODUCT_VIEW", "resource": each} for each in products]
    for batch, counted in (([*invented, real[0]], 1), ([real[1]], 1), ([], 1)):
        await site.do(TRACK, activities=[*batch, {"action": "PAGE_VIEW", "resource": "/"}])
        assert await owner.fetchval(views, company) == counted
    site.clock.advance(activity.VIEW_WINDOW)
    await site.do(TRACK, activities=real)
    assert await owner.fetchval(views, company) == 3


async def test_the_activity_log_is_limited_in_bytes_per_address_and_company(
    site: Site, monkeypatch: pytest.MonkeyPatch, owner: Any, company: UUID
) -> None:
    page = {"action": "PAGE_VIEW", "resource": "/", "metadata": {"x": "y" * 1_900}}
    smaller(monkeypatch, activity, "BYTES_PER_ADDRESS", 9_500)
    smaller(monkeypatch, activity, "BYTES_IN_TOTAL", 12_000)
    await site.do(TRACK, activities=[page] * 4)
    assert await site.refused(TRACK, activities=[page]) == {"code": "RATE_LIMITED"}
    site.ip = ELSEWHERE
    assert await site.refused(TRACK, activities=[page] * 2) == {"code": "RATE_LIMITED"}
    assert await owner.fetchval("select count(*) from activity_logs where company_id = $1", company) == 4


async def test_idempotency_keys_of_guests_are_limited_and_those_of_customers_are_not(
    site: Site, monkeypatch: pytest.MonkeyPatch, owner: Any, company: UUID
) -> None:
    smaller(monkeypatch, idempotency, "GUEST_KEYS", 2)
    order = "0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b"
    customer = await site.token()
    given = [{"idempotencyKey": f"key {i}", "orderId": order, "method": "INVOICE"} for i in range(4)]
    codes = [(await site.refused(PAY, **each))["code"] for each in given]
    assert codes == ["NOT_FOUND", "NOT_FOUND", "RATE_LIMITED", "RATE_LIMITED"]
    assert [(await site.refused(PAY, customer, **each))["code"] for each in given] == ["NOT_FOUND"] * 4
    assert await owner.fetchval("select count(*) from idempotency_keys where company_id = $1", company) == 6
