"""Manual discounts over HTTP: for staff with ORDERS:UPDATE of the company, once for a key."""

from typing import Any

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import PermissionAction as A
from domains.kernel.permissions import PermissionResource as R
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.payment.gift_cards.test_gift_cards import clerk
from tests.gateway.site import Site

ADJUSTMENTS = """adjustments { sourceType sourceId name description orderItemId amount { amount } }
  items { id discountAmount { amount } discounts { amount { amount } } }"""
ADD = f"""mutation ($input: OrderDiscountAddInput!) {{ orderDiscountAdd(input: $input) {{
  order {{ id total {{ amount }} discountAmount {{ amount }} {ADJUSTMENTS} }} errors {{ code path }} }} }}"""
REMOVE = """mutation ($input: OrderDiscountRemoveInput!) { orderDiscountRemove(input: $input) {
  order { id total { amount } } errors { code path } } }"""
AUTHOR = "query ($id: ID!) { order(id: $id) { adjustments { createdBy } } }"


async def test_staff_give_a_discount_and_take_it_back(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 9)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 2))
    seller = await shop.staff()
    given = {"idempotencyKey": str(new_id()), "orderId": str(order.id), "percentage": "10", "reason": "Sorry"}
    changed = (await site.do(ADD, seller, **given))["order"]
    assert site.count.data <= 12
    (row,) = changed["adjustments"]
    assert (row["sourceType"], row["name"], row["description"]) == ("MANUAL", "Sorry", "10 % off")
    assert (changed["discountAmount"], row["amount"]) == ({"amount": "2.00"}, {"amount": "2.00"})
    (item,) = changed["items"]
    assert (item["id"], item["discounts"]) == (row["orderItemId"], [{"amount": {"amount": "2.00"}}])
    assert (await site.do(ADD, seller, **given))["order"] == changed  # once for its key
    answer = await site.ask(AUTHOR, ada, id=str(order.id))
    assert answer["data"]["order"]["adjustments"] == [{"createdBy": None}]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    refused = await site.refused(ADD, seller, **{**given, "idempotencyKey": str(new_id()), "amount": "99"})
    assert refused == {"code": "INVALID", "path": ["input", "amount"]}
    removed = await site.do(REMOVE, seller, orderId=str(order.id), discountId=row["sourceId"])
    assert removed["order"]["total"]["amount"] == f"{order.total:.2f}"


async def test_a_discount_is_closed_to_everyone_without_the_permission(
    shop: Storefront, site: Site, other_company: Any
) -> None:
    await shop.stock("A", 9)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 2))
    wrong = clerk(shop, (R.ORDERS, A.READ), (R.PROMOTIONS, A.MANAGE))
    given = {"idempotencyKey": str(new_id()), "orderId": str(order.id), "percentage": "10", "reason": "Sorry"}
    taken = {"orderId": str(order.id), "discountId": str(new_id())}
    guest = Actor.anonymous(shop.company_id)
    for who, refusal in ((guest, "UNAUTHENTICATED"), (ada, "FORBIDDEN"), (wrong, "FORBIDDEN")):
        assert await site.denied(ADD, who, input=given) == refusal
        assert await site.denied(REMOVE, who, input=taken) == refusal
    theirs = administrator(other_company)
    assert (await site.refused(ADD, theirs, **given))["code"] == "NOT_FOUND"
    assert (await site.refused(REMOVE, theirs, **taken))["code"] == "NOT_FOUND"
    assert await shop.order(order.id) == order
