"""The operations of docs/coupons.md and docs/segments.md, one after the other."""

import httpx

from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import log_in


async def test_the_operations_of_the_guide_create_coupons_with_unique_codes(client: httpx.AsyncClient) -> None:
    create, unique, generate = operations("docs/coupons.md")
    staff = await log_in(client, 0)
    assert (await value(client, create, staff))["coupon"]["id"] is not None
    coupon = (await value(client, unique, staff))["coupon"]
    assert coupon["code"] is None
    assert (await value(client, filled(generate, coupon["id"]), staff))["count"] == 1000


async def test_the_operations_of_the_guide_keep_segments_and_lists(client: httpx.AsyncClient) -> None:
    lost, press, add, members, promotion, *discounts = operations("docs/segments.md")
    staff, customer = await log_in(client, 0), await log_in(client, 1)
    conditions = {"all": [{"paidOrdersAtLeast": 2}, {"noOrderWithinDays": 180}, {"isCustomer": True}]}
    made = (await value(client, lost, staff))["segment"]
    assert made["conditions"] == conditions
    listed = (await value(client, press, staff))["segment"]["id"]
    user_id = (await value(client, "query { me { id } }", customer))["id"]
    assert (await value(client, filled(add, listed, user_id), staff))["segment"] == {"name": "Press"}
    assert len((await value(client, filled(members, listed), staff))["nodes"]) == 1
    shown = (await value(client, filled(promotion, made["id"]), staff))["promotion"]
    assert shown["segment"] == {"name": "Lost customers"}
    assert len(discounts) == 2
