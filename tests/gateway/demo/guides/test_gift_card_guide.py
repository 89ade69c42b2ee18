"""The operations of docs/gift-cards.md, one after the other, and the gift cards of the demo."""

from decimal import Decimal
from typing import Any

import httpx

from gateway.demo.loader import Demo
from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import log_in


async def test_the_operations_of_the_guide_issue_check_and_change(client: httpx.AsyncClient) -> None:
    create, check, cards, adjust, disable, enable, update, issue, deduct, mine = operations("docs/gift-cards.md")[:10]
    customer, staff = await log_in(client, 1), await log_in(client, 0)
    before = (await value(client, cards, staff))["totalCount"]
    first, second = (await value(client, create, staff))["giftCards"]
    assert second["giftCard"]["expiresAt"] == "2099-12-31T23:59:59+00:00"
    shown = (await value(client, filled(check, first["code"]), ""))["giftCard"]
    assert (shown["lastCharacters"], shown["balance"]["amount"]) == (first["giftCard"]["lastCharacters"], "50.00")
    listed = await value(client, cards, staff)
    assert listed["totalCount"] == before + 2
    assert [each["kind"] for each in listed["nodes"][0]["transactions"]] == ["GIFT_CARD_ISSUE"]

    async def changed(operation: str) -> Any:
        return (await value(client, filled(operation, first["giftCard"]["id"]), staff))["giftCard"]

    assert await changed(adjust) == {"balance": {"amount": "45.00"}}
    assert await changed(disable) == {"status": "DISABLED"}
    assert await changed(enable) == {"status": "ACTIVE"}
    assert await changed(update) == {"note": "replaced", "expiresAt": None}

    user_id = (await value(client, "query { me { id } }", customer))["id"]
    earlier = (await value(client, mine, customer))["storeCredit"]
    assert earlier["balance"] == {"amount": "15.00", "currency": "EUR"}
    issued = (await value(client, filled(issue, user_id), staff))["storeCredit"]
    assert issued["balance"]["amount"] == "30.00"
    assert (await value(client, filled(deduct, user_id), staff))["storeCredit"]["balance"]["amount"] == "25.00"
    credit = (await value(client, mine, customer))["storeCredit"]
    assert [each["amount"]["amount"] for each in credit["transactions"]] == ["-5.00", "15.00", "15.00"]


async def test_the_operations_of_the_guide_pay_for_a_cart(client: httpx.AsyncClient, demo: Demo) -> None:
    create, *others = operations("docs/gift-cards.md")
    apply, remove, use = [each for each in others if each.startswith("mutation { cart")]
    customer, staff, purchase = await log_in(client, 1), await log_in(client, 0), await demo.purchase()
    assert purchase is not None
    add = 'mutation { cartItemAdd(input: {productId: "…", variantId: "…", quantity: 4}) { errors { message } } }'
    await value(client, filled(add, str(purchase.product_id), str(purchase.variant_id)), customer)
    key = create.replace("my cards", "my other cards")
    _, card = (await value(client, key, staff))["giftCards"]
    cart = (await value(client, filled(apply, card["code"]), customer))["cart"]
    (applied,) = cart["giftCards"]
    total, due = Decimal(cart["totals"]["total"]["amount"]), Decimal(cart["amountDue"]["amount"])
    assert (applied["status"], applied["amount"]["amount"], total - due) == ("ACTIVE", "20.00", Decimal(20))
    used = (await value(client, use, customer))["cart"]
    assert (used["useStoreCredit"], due - Decimal(used["amountDue"]["amount"])) == (
        True,
        Decimal(used["storeCredit"]["amount"]["amount"]),
    )
    left = (await value(client, filled(remove, applied["giftCardId"]), customer))["cart"]
    assert Decimal(left["amountDue"]["amount"]) == total - Decimal(used["storeCredit"]["balance"]["amount"])
    await value(client, "mutation { cartClear { errors { message } } }", customer)


async def test_the_demo_has_gift_cards_of_which_one_has_paid_a_part_of_an_order(client: httpx.AsyncClient) -> None:
    query = "query { giftCards(first: 4, direction: ASC) { nodes { status initialAmount { amount } } } }"
    found = (await value(client, query, await log_in(client, 0)))["nodes"]
    shown = [(each["status"], each["initialAmount"]["amount"]) for each in found]
    assert shown == [("EMPTY", "5.00"), ("ACTIVE", "50.00"), ("ACTIVE", "25.00"), ("DISABLED", "10.00")]


async def test_a_gift_card_is_sold_as_the_guide_says(client: httpx.AsyncClient) -> None:
    (create,) = [each for each in operations("docs/gift-cards.md") if "productCreate" in each]
    (orders,) = [each for each in operations("docs/gift-cards.md") if "initialAmount" in each and "orders(" in each]
    customer, staff = await log_in(client, 1), await log_in(client, 0)
    categories = await value(client, "query { categories(first: 1) { nodes { id } } }", staff)
    product = (await value(client, filled(create, categories["nodes"][0]["id"]), staff))["product"]
    assert (product["isGiftCard"], [each["isTracked"] for each in product["variants"]]) == (True, [False, False])

    found = await value(client, f'query {{ product(id: "{product["id"]}") {{ variants {{ id sku }} }} }}', staff)
    variant = next(each["id"] for each in found["variants"] if each["sku"] == "GIFT-50")
    add = f'cartItemAdd(input: {{productId: "{product["id"]}", variantId: "{variant}", quantity: 2}})'
    await value(client, f"mutation {{ {add} {{ errors {{ message }} }} }}", customer)
    address = (
        'fullName: "Vera Field", addressLine1: "3 Kiln Lane", city: "Stoke", postalCode: "ST1 1AA", country: "GB"'
    )
    place = f'orderCreate(input: {{idempotencyKey: "cards", shippingAddress: {{{address}}}}})'
    placed = await value(client, f"mutation {{ {place} {{ order {{ id }} errors {{ message }} }} }}", customer)
    card = 'card: {number: "4242 4242 4242 4242", expiryMonth: 12, expiryYear: 2030}'
    pay = f'orderPay(input: {{idempotencyKey: "pay cards", orderId: "{placed["order"]["id"]}", {card}}})'
    await value(client, f"mutation {{ {pay} {{ errors {{ message }} }} }}", customer)

    newest = (await value(client, orders, customer))["nodes"][0]
    items = [each for each in newest["items"] if each["isGiftCard"]]
    assert [each["initialAmount"]["amount"] for each in items[0]["giftCards"]] == ["50.00", "50.00"]
