"""A purchase with the documents of the client project, from the new product to the refund."""

from typing import Any

from domains.role.models import SystemRole
from tests.clients.test_documents import DOCUMENTS
from tests.gateway.site import Site

ADDRESS = {
    "fullName": "Vera Field",
    "addressLine1": "3 Kiln Lane",
    "city": "Stoke",
    "postalCode": "ST1 1AA",
    "country": "GB",
}
CARD = {"number": "4242 4242 4242 4242", "expiryMonth": 12, "expiryYear": 2030}


async def stocked_product(site: Site, staff: str) -> Any:
    """A new product with seven units of its one variant, as the storefront shows it."""
    category = (await site.do(DOCUMENTS["CategoryCreate"], staff, name="Shirts"))["category"]
    variant = {"sku": "SHIRT-M", "options": [{"name": "Size", "value": "M"}]}
    created = await site.do(
        DOCUMENTS["ProductCreate"],
        staff,
        name="Shirt",
        categoryId=category["id"],
        basePrice="10.00",
        isActive=True,
        variants=[variant],
    )
    await site.do(DOCUMENTS["StockSet"], staff, levels=[{"sku": "SHIRT-M", "available": 7}])
    return await site.value(DOCUMENTS["ProductPage"], slug=created["product"]["slug"])


async def test_a_guest_buys_and_is_refunded_with_the_client_documents(site: Site) -> None:
    staff = await site.token(SystemRole.ADMIN)
    product = await stocked_product(site, staff)
    (variant,) = product["variants"]
    listed = await site.value(DOCUMENTS["ProductList"], search="shirt")
    assert [node["id"] for node in listed["nodes"]] == [product["id"]]

    added = await site.do(DOCUMENTS["CartItemAdd"], productId=product["id"], variantId=variant["id"], quantity=2)
    created = await site.do(
        DOCUMENTS["OrderCreate"],
        idempotencyKey="the order",
        cartToken=added["cartToken"],
        email="vera@example.com",
        expectedTotal=added["cart"]["totals"]["total"]["amount"],
        shippingAddress=ADDRESS,
    )
    order, key = created["order"], {"orderId": created["order"]["id"], "orderToken": created["orderToken"]}
    paid = await site.do(DOCUMENTS["OrderPay"], idempotencyKey="the payment", card=CARD, **key)
    assert (paid["order"]["status"], paid["order"]["payments"][0]["cardLast4"]) == ("PAID", "4242")

    (found,) = (await site.value(DOCUMENTS["OrderList"], staff, search=order["orderNumber"]))["nodes"]
    assert (found["id"], found["email"], found["total"]) == (order["id"], "vera@example.com", order["total"])
    refunded = await site.do(DOCUMENTS["OrderRefund"], staff, orderId=order["id"], idempotencyKey="the refund")
    assert [refund["amount"] for refund in refunded["order"]["refunds"]] == [order["total"]]
    (stock,) = (await site.value(DOCUMENTS["StockList"], staff))["nodes"]
    assert (stock["sku"], stock["availableStock"] + stock["reservedStock"]) == ("SHIRT-M", 7)
