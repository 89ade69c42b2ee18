"""The README's purchase over HTTP on the whole platform: from registration to a paid and delivered order."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.conditions import mailed_code
from tests.gateway.test_first_visit import CUSTOMER, PASSWORD, Visitor, administrator, client, platform

__all__ = ["administrator", "client", "platform"]
ADDRESS = {
    "fullName": "Vera Field",
    "addressLine1": "3 Kiln Lane",
    "city": "Stoke",
    "postalCode": "ST1 1AA",
    "country": "GB",
}
CARD = {"number": "4242 4242 4242 4242", "expiryMonth": 12, "expiryYear": 2030, "securityCode": "123"}


async def register(visitor: Visitor, home: Path) -> None:
    """Make an account, confirm it by the mailed code, and log in."""
    registered = await visitor.do(
        """mutation ($email: String!, $password: String!) {
          register(input: {email: $email, password: $password, firstName: "Vera", lastName: "Field"}) {
            ticket errors { message } } }""",
        email=CUSTOMER,
        password=PASSWORD,
    )
    await visitor.do(
        """mutation ($email: String!, $ticket: String!, $code: String!) {
          emailVerify(input: {email: $email, ticket: $ticket, code: $code}) { errors { message } } }""",
        email=CUSTOMER,
        ticket=registered["ticket"],
        code=await mailed_code(home, CUSTOMER),
    )
    await visitor.log_in(CUSTOMER)


async def find(visitor: Visitor, slug: str) -> Any:
    """A product with its first variant and how many are left of it."""
    page = await visitor.ask(
        "query ($slug: String!) { product(slug: $slug) { id variants { id stock } } }", slug=slug
    )
    return page["product"]


CREATE = """mutation ($address: OrderAddressInput!) {
  orderCreate(input: {idempotencyKey: "my first order", shippingAddress: $address, expectedTotal: "29.00"}) {
    order { id orderNumber status total { amount currency } items { productName quantity } }
    orderToken errors { message } } }"""


async def fill(visitor: Visitor, product: Any, quantity: int) -> None:
    """Put some of a product's first variant into the cart."""
    added = await visitor.do(
        """mutation ($product: ID!, $variant: ID!, $quantity: Int!) {
          cartItemAdd(input: {productId: $product, variantId: $variant, quantity: $quantity}) {
            cart { items { quantity } } errors { message } } }""",
        product=product["id"],
        variant=product["variants"][0]["id"],
        quantity=quantity,
    )
    assert added["cart"]["items"] == [{"quantity": quantity}]


async def pay(visitor: Visitor, order: str) -> Any:
    """Pay an order by card; the order then."""
    paid = await visitor.do(
        """mutation ($order: ID!, $card: CardInput!) {
          orderPay(input: {idempotencyKey: "paying it", orderId: $order, card: $card}) {
            order { status payments { status cardLast4 } } errors { message } } }""",
        order=order,
        card=CARD,
    )
    return paid["order"]


async def deliver(admin: Visitor, order: str) -> None:
    """Process, ship and deliver an order."""
    for status in ("PROCESSING", "SHIPPED", "DELIVERED"):
        await admin.do(
            """mutation ($order: ID!, $status: OrderStatus!) {
              orderStatusUpdate(input: {orderId: $order, status: $status, trackingNumber: "RM 1 GB"}) {
                errors { message } } }""",
            order=order,
            status=status,
        )


async def test_a_customer_registers_fills_a_cart_orders_pays_and_receives_the_order(
    administrator: Visitor, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    visitor, admin = Visitor(client), administrator
    await register(visitor, tmp_path)
    mug = await find(visitor, "stoneware-mug")
    await fill(visitor, mug, 2)

    ordered = await visitor.do(CREATE, address=ADDRESS)
    order = ordered["order"]
    total = {"amount": "29.00", "currency": "EUR"}
    assert (order["status"], order["total"], ordered["orderToken"]) == ("PENDING", total, None)
    assert await visitor.do(CREATE, address=ADDRESS) == ordered
    left = (await find(visitor, "stoneware-mug"))["variants"][0]["stock"]
    assert left == mug["variants"][0]["stock"] - 2

    assert await pay(visitor, order["id"]) == {
        "status": "PAID",
        "payments": [{"status": "SUCCEEDED", "cardLast4": "4242"}],
    }
    await deliver(admin, order["id"])
    mine = await visitor.ask(
        "{ orders { totalCount nodes { orderNumber status trackingNumber statusHistory { toStatus } } } }"
    )
    (seen,) = mine["orders"]["nodes"]
    assert (seen["orderNumber"], seen["trackingNumber"]) == (order["orderNumber"], "RM 1 GB")
    steps = [change["toStatus"] for change in seen["statusHistory"]]
    assert steps == ["PENDING", "PAYMENT_PENDING", "PAID", "PROCESSING", "SHIPPED", "DELIVERED"]
    exported = await client.get("/export/orders.csv", headers={"authorization": f"Bearer {admin.token}"})
    assert f"{order['orderNumber']},DELIVERED".encode() in exported.content
    assert await bought(visitor, mug["id"])


async def bought(visitor: Visitor, product: str) -> bool:
    """Whether the buyer's review of a product is verified after the payment."""
    made = await visitor.do(
        """mutation ($product: ID!) {
          reviewCreate(input: {productId: $product, rating: 5}) { review { id } errors { message } } }""",
        product=product,
    )
    query = "query ($id: ID!) { review(id: $id) { isVerifiedPurchase } }"
    for _ in range(200):
        review = (await visitor.ask(query, id=made["review"]["id"]))["review"]
        if review["isVerifiedPurchase"]:
            return True
        await asyncio.sleep(0.05)
    return False
