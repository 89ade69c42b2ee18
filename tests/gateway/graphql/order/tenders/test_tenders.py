"""Orders paid by gift cards and store credit, over HTTP: the purchase, its statements, and one key for one order."""

import asyncio
from decimal import Decimal
from typing import Any

from domains.kernel.actor import Actor
from domains.tax.models import Destination
from tests.domains.order.storefront import Storefront
from tests.domains.order.tenders.wallet import Wallet
from tests.gateway.graphql.order.operations import PAY, ordering, paying
from tests.gateway.site import Site

CREATE = """mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id status paymentStatus total { amount } amountDue { amount currency } paymentMethod expiresAt
          payments { provider method status amount { amount } } }
  orderToken errors { code path ... on TenderBalanceChangedError { expected actual currency } } } }"""
ADD = "mutation ($input: CartItemsAddInput!) { cartItemsAdd(input: $input) { cartToken errors { code } } }"
APPLY = "mutation ($input: CartPromotionApplyInput!) { cartPromotionApply(input: $input) { errors { code } } }"
APPLY_CARD = "mutation ($input: CartGiftCardApplyInput!) { cartGiftCardApply(input: $input) { errors { code } } }"
SHOW = "query ($token: String) { cart(cartToken: $token) { totals { total { amount } } amountDue { amount } } }"
TIMES = 20


async def test_a_purchase_with_a_code_and_a_gift_card_executes_sixteen_statements_at_most(
    shop: Storefront, site: Site
) -> None:
    wallet, guest = Wallet(shop), Actor.anonymous(shop.company_id)
    products = [await shop.stock("A", 5), await shop.stock("B", 5)]
    await shop.promotion(code="TEN", discount_value=Decimal(10))
    _, code = await wallet.card("100.00")
    lines = [{"productId": str(product.id), "quantity": 1} for product in products]
    counts = []
    await site.data(SHOW, guest)
    await shop.services.tax.of_sale(shop.database.reader(shop.company_id), Destination("DE"))
    added = (await site.data(ADD, guest, input={"items": lines}))["cartItemsAdd"]
    counts.append(site.count.data)
    token = added["cartToken"]
    for document, value in ((APPLY, "TEN"), (APPLY_CARD, code)):
        (payload,) = (await site.data(document, guest, input={"code": value, "cartToken": token})).values()
        assert payload["errors"] == []
        counts.append(site.count.data)
    made = (await site.data(CREATE, guest, **ordering(cartToken=token, email="g@example.com")))["orderCreate"]
    counts.append(site.count.data)
    assert (made["errors"], made["order"]["status"], made["order"]["total"]) == ([], "PAID", {"amount": "18.00"})
    # The cart and the code are as without a card. The card: the cart, the card, its balance, the rest with the event.
    # The order: the number; the key with the cart; promotions and unpaid orders; the card; its balance; the order
    # with its stock; the use of the promotion with all that is left; the payments that are shown.
    assert counts == [2, 2, 4, 1 + 6 + 1]
    assert sum(counts) == 16


async def test_a_guest_pays_a_part_by_gift_card_and_the_rest_by_card(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    wallet, guest = Wallet(shop), Actor.anonymous(shop.company_id)
    card = await wallet.card("4.00")
    token = await shop.fill(guest, ("A", 1))
    await wallet.apply(guest, card, token=token)
    shown = (await site.data(SHOW, guest, token=token))["cart"]
    assert shown == {"totals": {"total": {"amount": "10.00"}}, "amountDue": {"amount": "6.00"}}
    made = (await site.data(CREATE, guest, **ordering(cartToken=token, email="g@example.com")))["orderCreate"]
    order = made["order"]
    assert (order["status"], order["paymentStatus"], order["paymentMethod"]) == ("PENDING", "PARTIALLY_PAID", None)
    assert (order["amountDue"], order["expiresAt"] is None) == ({"amount": "6.00", "currency": "EUR"}, False)
    gift = {"provider": "GIFT_CARD", "method": "GIFT_CARD", "status": "SUCCEEDED", "amount": {"amount": "4.00"}}
    assert order["payments"] == [gift]
    paid = (await site.data(PAY, guest, **paying(order["id"], orderToken=made["orderToken"])))["orderPay"]
    assert (paid["errors"], paid["order"]["status"]) == ([], "PAID")
    assert [payment["amount"]["amount"] for payment in paid["order"]["payments"]] == ["4.00", "6.00"]


async def test_a_balance_that_changed_is_told_with_what_is_due(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    wallet, ada = Wallet(shop), await shop.customer()
    card = await wallet.card("4.00")
    await shop.fill(ada, ("A", 1))
    await wallet.apply(ada, card)
    await site.data(SHOW, ada)
    await wallet.buy(await shop.customer(), 1, card)
    (error,) = (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"]
    assert error == {
        "code": "TENDER_BALANCE_CHANGED",
        "path": ["input", "expectedAmountDue"],
        "expected": "6.00",
        "actual": "10.00",
        "currency": "EUR",
    }
    made = (await site.data(CREATE, ada, **ordering(expectedAmountDue="10.00")))["orderCreate"]
    assert (made["errors"], made["order"]["amountDue"]["amount"]) == ([], "10.00")


async def test_one_key_spends_a_gift_card_once(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 50)
    wallet, guest = Wallet(shop), Actor.anonymous(shop.company_id)
    card = await wallet.card("100.00")
    token = await shop.fill(guest, ("A", 1))
    await wallet.apply(guest, card, token=token)
    variables = ordering(cartToken=token, email="g@example.com")
    answers: list[Any] = await asyncio.gather(*(site.data(CREATE, guest, **variables) for _ in range(TIMES)))
    assert answers == [answers[0]] * TIMES
    assert (answers[0]["orderCreate"]["errors"], answers[0]["orderCreate"]["order"]["status"]) == ([], "PAID")
    assert (await wallet.balance(card), await shop.count("orders"), await shop.count("payments")) == (90, 1, 1)
