"""Edits of orders over HTTP: for staff with ORDERS:UPDATE, once for a key, with a preview of the amounts."""

from typing import Any

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import PermissionAction as A
from domains.kernel.permissions import PermissionResource as R
from domains.order.models import Order
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.payment.gift_cards.test_gift_cards import clerk
from tests.gateway.site import Site

EDIT = """mutation ($input: OrderEditInput!) { orderEdit(input: $input) {
  order { id total { amount } amountDue { amount } amountOverpaid { amount } paymentStatus
    items { sku quantity droppedQuantity currentQuantity totalPrice { amount } } }
  edit { id reason totalBefore { amount } totalAfter { amount } isAddressChanged
    lines { sku quantityBefore quantityAfter } }
  refunds { amount { amount } status lines { kind } } errors { code path } } }"""
PREVIEW = """query ($input: OrderEditPreviewInput!) { orderEditPreview(input: $input) {
  totalBefore { amount } totalAfter { amount } subtotal { amount } discountAmount { amount } taxAmount { amount }
  shippingCost { amount } difference amountDue { amount } amountOverpaid { amount } } }"""
EDITS = "query ($id: ID!) { order(id: $id) { edits { id createdBy reason } } }"
OF_ALL = "{ orders(first: 10) { nodes { id edits { id lines { sku } } amountOverpaid { amount } } } }"


async def paid(shop: Storefront) -> tuple[Actor, Order]:
    await shop.stock("A", 20)
    await shop.stock("B", 20, "4.00")
    ada = await shop.customer()
    return ada, await shop.pay(ada, await shop.buy(ada, ("A", 3)))


async def changed(shop: Storefront, order: Order, units: int) -> dict[str, Any]:
    """The input that leaves so many of A and adds one of B."""
    (item,) = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    return {
        "orderId": str(order.id),
        "changes": [{"orderItemId": str(item.id), "quantity": units}],
        "addLines": [{"productId": str(shop.products["B"].id), "quantity": 1}],
    }


async def test_staff_see_what_an_edit_makes_of_an_order_and_make_it(shop: Storefront, site: Site) -> None:
    ada, order = await paid(shop)
    seller, given = await shop.staff(), await changed(shop, order, 1)
    preview = (await site.ask(PREVIEW, seller, input=given))["data"]["orderEditPreview"]
    assert site.count.data <= 14
    assert preview == {
        "totalBefore": {"amount": "30.00"},
        "totalAfter": {"amount": "14.00"},
        "subtotal": {"amount": "14.00"},
        "discountAmount": {"amount": "0.00"},
        "taxAmount": {"amount": "0.00"},
        "shippingCost": {"amount": "0.00"},
        "difference": "-16.00",
        "amountDue": {"amount": "0.00"},
        "amountOverpaid": {"amount": "16.00"},
    }
    assert await shop.order(order.id) == order  # the preview changes nothing
    key = {"idempotencyKey": str(new_id()), "expectedTotal": "14.00", "reason": "She called"}
    made = await site.do(EDIT, seller, **given, **key)
    assert site.count.data <= 75
    assert made["order"]["total"] == {"amount": "14.00"}
    assert (made["order"]["amountDue"], made["order"]["paymentStatus"]) == ({"amount": "0.00"}, "PAID")
    assert [tuple(item.values()) for item in made["order"]["items"]] == [
        ("A", 3, 2, 1, {"amount": "10.00"}),
        ("B", 1, 0, 1, {"amount": "4.00"}),
    ]
    assert [(each["sku"], each["quantityBefore"], each["quantityAfter"]) for each in made["edit"]["lines"]] == [
        ("B", 0, 1),
        ("A", 3, 1),
    ]
    refund = {"amount": {"amount": "16.00"}, "status": "SUCCEEDED", "lines": [{"kind": "OVERPAYMENT"}]}
    assert made["refunds"] == [refund]
    assert await site.do(EDIT, seller, **given, **key) == made  # once for its key
    assert await shop.count("order_edits") == 1
    seen = (await site.ask(EDITS, seller, id=str(order.id)))["data"]["order"]["edits"]
    assert seen == [{"id": made["edit"]["id"], "createdBy": str(seller.user_id), "reason": "She called"}]
    hidden = await site.ask(EDITS, ada, id=str(order.id))
    assert [error["extensions"]["code"] for error in hidden["errors"]] == ["FORBIDDEN"]


async def test_the_edits_of_many_orders_are_read_at_once(shop: Storefront, site: Site) -> None:
    seller, counts = await shop.staff(), []
    ada, order = await paid(shop)
    for number in (1, 2, 3):
        given = {**await changed(shop, order, 2), "idempotencyKey": str(new_id()), "refund": False}
        await site.do(EDIT, seller, **given)
        nodes = (await site.ask(OF_ALL, seller))["data"]["orders"]["nodes"]
        assert [len(each["edits"]) for each in nodes] == [1] * number
        assert {each["amountOverpaid"]["amount"] for each in nodes} == {"6.00"}
        counts.append(site.count.data)
        if number < 3:
            order = await shop.pay(ada, await shop.buy(ada, ("A", 3)))
    assert counts[0] == counts[1] == counts[2] <= 4


async def test_edits_are_closed_to_everyone_without_the_permission(
    shop: Storefront, site: Site, other_company: Any
) -> None:
    ada, order = await paid(shop)
    given = await changed(shop, order, 1)
    keyed = {**given, "idempotencyKey": str(new_id())}
    wrong = clerk(shop, (R.ORDERS, A.READ), (R.PROMOTIONS, A.MANAGE))
    guest = Actor.anonymous(shop.company_id)
    for who, refusal in ((guest, "UNAUTHENTICATED"), (ada, "FORBIDDEN"), (wrong, "FORBIDDEN")):
        assert await site.denied(EDIT, who, input=keyed) == refusal
        assert await site.denied(PREVIEW, who, input=given) == refusal
    assert (await site.refused(EDIT, administrator(other_company), **keyed))["code"] == "NOT_FOUND"
    no_money = clerk(shop, (R.ORDERS, A.READ), (R.ORDERS, A.UPDATE))
    assert await site.denied(EDIT, no_money, input={**keyed, "idempotencyKey": str(new_id())}) == "FORBIDDEN"
    assert await shop.order(order.id) == order
