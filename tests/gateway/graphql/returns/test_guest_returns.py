"""Returns of guests by the token of their order, what cannot be returned, and lists of orders with their returns."""

from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.order.policy import guest_token
from tests.domains.actors import administrator
from tests.domains.returns.delivered_orders import DeliveredOrder, deliver, delivery
from tests.gateway.graphql.order.operations import key
from tests.gateway.graphql.returns import operations
from tests.gateway.graphql.returns.operations import requesting
from tests.gateway.site import Site

ORDERS = """{ orders(first: 20) { nodes { orderNumber status
  shipments { number status trackingNumber lines { sku quantity } }
  returns { rmaNumber status items { productSku quantity } } } } }"""

ORDER = "id orderNumber status email total { amount } items { sku quantity } shippingAddress { city }"
BY_TOKEN = f"query ($token: String!) {{ orderByToken(orderToken: $token) {{ {ORDER} }} }}"
RETURN = f"""query ($number: String!, $token: String) {{ returnRequest(rmaNumber: $number, orderToken: $token) {{
  order {{ {ORDER} }} refunds {{ exchangeOrder {{ id }} }} }} }}"""
CREATE_WITH_ORDER = operations.CREATE.replace("rmaNumber", f"rmaNumber order {{ {ORDER} }}")
EXCHANGE = """mutation ($input: ReturnExchangeInput!) { returnExchange(input: $input) {
  orderToken errors { code path } } }"""


async def guest_order(delivered: DeliveredOrder) -> tuple[DeliveredOrder, str]:
    """A delivered order of one A for a guest, and its token."""
    shop, guest = delivered.shop, Actor.anonymous(delivered.shop.company_id)
    cart = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=cart, email="guest@example.com")
    assert placed.token == guest_token(cart or "", placed.order.id)
    paid = await shop.pay(guest, placed.order, token=placed.token)
    return await delivery(shop, guest, paid), placed.token or ""


async def test_a_guest_returns_with_the_token_of_the_order(site: Site, delivered: DeliveredOrder) -> None:
    ordered, token = await guest_order(delivered)
    for wrong in ("wrong", "x" * len(token)):
        refused = await site.refused(operations.CREATE, ordered.buyer, **requesting(ordered, 1, orderToken=wrong))
        assert refused["code"] == "NOT_FOUND"
    asked = requesting(ordered, 1, orderToken=token)
    made = (await site.do(operations.CREATE, ordered.buyer, **asked))["returnRequest"]
    assert made["status"] == "PENDING"
    shown = await site.value(operations.BY_NUMBER, ordered.buyer, number=made["rmaNumber"], token=token)
    assert (shown["id"], shown["status"]) == (made["id"], "PENDING")
    hidden = await site.value(operations.BY_NUMBER, ordered.buyer, number=made["rmaNumber"], token="wrong")
    assert hidden is None
    given = {"returnRequestId": made["id"]}
    assert (await site.refused(operations.CANCEL, ordered.buyer, **given, orderToken="wrong"))["code"] == "NOT_FOUND"
    cancelled = await site.do(operations.CANCEL, ordered.buyer, **given, orderToken=token)
    assert cancelled["returnRequest"]["status"] == "CLOSED"


async def test_a_guest_who_sees_a_return_sees_its_order_as_by_token_and_no_one_else_does(
    site: Site, delivered: DeliveredOrder, other_company: Any
) -> None:
    ordered, token = await guest_order(delivered)
    asked = requesting(ordered, 1, orderToken=token)
    made = (await site.do(CREATE_WITH_ORDER, ordered.buyer, **asked))["returnRequest"]
    by_token = await site.value(BY_TOKEN, ordered.buyer, token=token)
    assert made["order"] == by_token
    assert by_token["id"] == str(ordered.order.id)
    request = await delivered.returns.listing.by_number(site.database.reader(site.company_id), made["rmaNumber"])
    await ordered.receive(await ordered.approve(request), 1)
    lines = [{"productId": str(ordered.items[0].product_id), "quantity": 1}]
    given = {"idempotencyKey": key(), "returnRequestId": made["id"], "exchangeLines": lines}
    exchanged = await site.do(EXCHANGE, await ordered.shop.staff(), **given)
    shown = await site.value(RETURN, ordered.buyer, number=made["rmaNumber"], token=token)
    assert shown["order"] == await site.value(BY_TOKEN, ordered.buyer, token=token)
    assert shown["refunds"] == [{"exchangeOrder": None}]  # it has a token of its own
    other, its_token = await guest_order(delivered)
    assert other.order.id != ordered.order.id
    strangers = (
        (other.buyer, its_token),
        (other.buyer, exchanged["orderToken"]),
        (other.buyer, None),
        (delivered.buyer, None),
        (Actor.anonymous(other_company), token),
        (administrator(other_company), token),
    )
    for who, guess in strangers:
        assert await site.value(RETURN, who, number=made["rmaNumber"], token=guess) is None
    node = await site.value("query ($id: ID!) { node(id: $id) { id } }", ordered.buyer, id=made["id"])
    assert node is None


async def test_a_guest_can_try_sixty_times_in_an_hour(site: Site, delivered: DeliveredOrder) -> None:
    guest = Actor.anonymous(site.company_id)
    for _ in range(60):
        refused = await site.refused(operations.CREATE, guest, **requesting(delivered, 1, orderToken="guess"))
        assert refused["code"] == "NOT_FOUND"
    refused = await site.refused(operations.CREATE, guest, **requesting(delivered, 1, orderToken="guess"))
    assert refused["code"] == "RATE_LIMITED"
    assert await delivered.shop.count("return_requests") == 0


async def test_digital_goods_and_the_orders_of_others_cannot_be_returned(
    site: Site, delivered: DeliveredOrder, other_company: object
) -> None:
    shop = delivered.shop
    await shop.stock("KEY", 5, requires_shipping=False)
    buyer = await shop.customer()
    mixed = await deliver(shop, ("A", 1), ("KEY", 1), buyer=buyer)
    refused = await site.refused(operations.CREATE, buyer, **requesting(mixed, 0, 1))
    assert (refused["code"], refused["path"]) == ("ITEM_NOT_RETURNABLE", ["input", "lines", "0", "orderItemId"])
    assert (await site.refused(operations.CREATE, buyer, **requesting(delivered, 1)))["code"] == "NOT_FOUND"
    theirs = administrator(other_company)  # type: ignore[arg-type]
    assert (await site.refused(operations.CREATE, theirs, **requesting(delivered, 1)))["code"] == "NOT_FOUND"
    assert await shop.count("return_requests") == 0


@pytest.mark.parametrize("orders", [1, 4])
async def test_a_list_of_orders_with_shipments_and_returns_takes_six_statements(
    site: Site, delivered: DeliveredOrder, orders: int
) -> None:
    await delivered.request(2)
    for _ in range(orders - 1):
        await (await deliver(delivered.shop, ("A", 1), ("B", 1))).request(1)
    listed = await site.value(ORDERS, administrator(site.company_id))
    assert site.count.data == 6
    assert [len(each["returns"]) for each in listed["nodes"]] == [1] * orders
    assert listed["nodes"][-1]["shipments"][0]["lines"] == [{"sku": "A", "quantity": 3}, {"sku": "B", "quantity": 2}]
