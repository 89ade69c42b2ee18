"""Gift cards that an order has sold, over the API: who sees them, and what their refund says."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.order.models import Order
from tests.domains.actors import administrator
from tests.domains.order.gift_cards.cards import cards_of
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import key
from tests.gateway.site import Site

ORDER = """query ($id: ID!) { order(id: $id) { items {
  isGiftCard giftCards { lastCharacters initialAmount { amount currency } expiresAt isDisabled createdAt } } } }"""
BY_TOKEN = (
    """query ($token: String!) { orderByToken(orderToken: $token) { items { giftCards { lastCharacters } } } }"""
)
LIST = """query { orders(first: 10) { nodes { items { giftCards { lastCharacters } } } } }"""
REFUND = """mutation ($input: OrderRefundInput!) { orderRefund(input: $input) {
  order { items { giftCards { isDisabled } } } errors { code message path } } }"""


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("CARD", None, "25.00", is_gift_card=True)
    await shop.stock("A", 9)
    return await shop.customer()


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


@pytest.fixture
async def paid(shop: Storefront, ada: Actor) -> Order:
    return await shop.pay(ada, await shop.buy(ada, ("CARD", 2), ("A", 1)))


async def shown(site: Site, actor: Actor, order: Order) -> Any:
    return (await site.data(ORDER, actor, id=str(order.id)))["order"]


async def test_the_buyer_and_staff_see_the_cards_without_code_and_balance(
    shop: Storefront, site: Site, ada: Actor, clerk: Actor, paid: Order
) -> None:
    cards = await cards_of(shop, paid)
    expected = [
        {
            "lastCharacters": card.last_characters,
            "initialAmount": {"amount": "25.00", "currency": "EUR"},
            "expiresAt": None,
            "isDisabled": False,
            "createdAt": card.created_at.isoformat(),
        }
        for card in cards
    ]
    for actor in (ada, clerk):
        items = (await shown(site, actor, paid))["items"]
        assert sorted((item["isGiftCard"], len(item["giftCards"])) for item in items) == [(False, 0), (True, 2)]
        assert [item["giftCards"] for item in items if item["isGiftCard"]] == [expected]


async def test_others_see_neither_the_order_nor_its_cards(
    shop: Storefront, site: Site, paid: Order, other_company: UUID
) -> None:
    assert await site.denied(ORDER, Actor.anonymous(shop.company_id), id=str(paid.id)) == "UNAUTHENTICATED"
    for actor in (await shop.customer(), administrator(other_company)):
        assert await shown(site, actor, paid) is None


async def test_a_guest_sees_the_cards_with_the_token_of_the_order(shop: Storefront, site: Site, ada: Actor) -> None:
    guest = Actor.anonymous(shop.company_id)
    cart = await shop.fill(guest, ("CARD", 1))
    placed = await shop.place(guest, cart_token=cart, email="g@example.com")
    await shop.pay(guest, placed.order, token=placed.token)
    found = (await site.data(BY_TOKEN, guest, token=placed.token))["orderByToken"]
    (card,) = await cards_of(shop, placed.order)
    assert found == {"items": [{"giftCards": [{"lastCharacters": card.last_characters}]}]}


async def test_the_cards_of_all_orders_of_a_page_are_loaded_together(
    shop: Storefront, site: Site, ada: Actor, paid: Order
) -> None:
    await site.data(LIST, ada)
    few = site.count.data
    await shop.pay(ada, await shop.buy(ada, ("CARD", 1)))
    found = await site.data(LIST, ada)
    assert [len(order["items"]) for order in found["orders"]["nodes"]] == [1, 2]
    assert site.count.data == few


async def test_a_refund_of_spent_cards_says_how_many_are_unspent(
    shop: Storefront, site: Site, clerk: Actor, paid: Order
) -> None:
    card = (await cards_of(shop, paid))[0]
    await shop.run(lambda tx: shop.services.payment.gift_cards.adjust(tx, card.id, -card.initial_amount, "Spent"))
    asked = {"input": {"idempotencyKey": key(), "orderId": str(paid.id)}}
    refused = (await site.data(REFUND, clerk, **asked))["orderRefund"]
    assert refused == {
        "order": None,
        "errors": [
            {
                "code": "GIFT_CARDS_SPENT",
                "message": (
                    "2 gift cards cannot be taken back: 1 of this line is unspent. Refund fewer units, or an amount."
                ),
                "path": ["input", "orderId"],
            }
        ],
    }
