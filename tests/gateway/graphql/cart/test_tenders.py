"""Gift cards and store credit of carts over HTTP: who may, what is refused, what is shown, and the statements."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.ids import new_id
from domains.payment.gift_cards.models import GiftCard, NewGiftCard
from tests.gateway.graphql.cart.conftest import line
from tests.gateway.graphql.cart.operations import ADD, CLEAR, MERGE
from tests.gateway.site import Site

TENDERS = """fragment Tenders on Cart { id useStoreCredit amountDue { amount currency } totals { total { amount } }
  giftCards { giftCardId lastCharacters status balance { amount } amount { amount } }
  storeCredit { balance { amount } amount { amount } } }
"""
QUERY = TENDERS + "query ($token: String) { cart(cartToken: $token) { ...Tenders } }"
APPLY = (
    TENDERS
    + """mutation ($input: CartGiftCardApplyInput!) {
  cartGiftCardApply(input: $input) { cart { ...Tenders } errors { code path message } } }"""
)
REMOVE = (
    TENDERS
    + """mutation ($input: CartGiftCardRemoveInput!) {
  cartGiftCardRemove(input: $input) { cart { ...Tenders } errors { code path } } }"""
)
USE = (
    TENDERS
    + """mutation ($input: CartStoreCreditUseInput!) {
  cartStoreCreditUse(input: $input) { cart { ...Tenders } errors { code path } } }"""
)
Card = tuple[GiftCard, str]


async def issue(shop: Site, amount: str, by: str = "admin", **given: Any) -> Card:
    """A gift card of the company of an administrator, and its code."""
    new, issuing = [NewGiftCard(amount=Decimal(amount), **given)], shop.services.payment.issuance
    (issued,) = await shop.database.run(lambda tx: issuing.issue(tx, new), shop.actors[by])
    return issued.card, issued.code.reveal()


async def apply(shop: Site, who: str | None, code: str, **given: Any) -> Any:
    return (await shop.data(APPLY, who, input={"code": code, **given}))["cartGiftCardApply"]


async def test_a_guest_applies_cards_and_is_shown_what_they_would_pay(shop: Site, shirt: Any) -> None:
    (first, code), (second, other) = await issue(shop, "15.00"), await issue(shop, "40.00")
    token = (await shop.data(ADD, input=line(shirt)))["cartItemAdd"]["cartToken"]
    spelled = f" {code.replace('-', ' ').lower()} "
    assert (await apply(shop, None, spelled, cartToken=token))["errors"] == []
    shown = await apply(shop, None, other, cartToken=token)
    assert shown["cart"]["giftCards"] == [
        {
            "giftCardId": str(first.id),
            "lastCharacters": first.last_characters,
            "status": "ACTIVE",
            "balance": {"amount": "15.00"},
            "amount": {"amount": "15.00"},
        },
        {
            "giftCardId": str(second.id),
            "lastCharacters": second.last_characters,
            "status": "ACTIVE",
            "balance": {"amount": "40.00"},
            "amount": {"amount": "5.00"},
        },
    ]
    assert (shown["cart"]["amountDue"], shown["cart"]["totals"]) == (
        {"amount": "0.00", "currency": "EUR"},
        {"total": {"amount": "20.00"}},
    )
    assert (shown["cart"]["useStoreCredit"], shown["cart"]["storeCredit"]) == (False, None)
    again = await apply(shop, None, code, cartToken=token)
    assert (again["errors"], again["cart"]) == ([], shown["cart"])
    removed = await shop.data(REMOVE, input={"giftCardId": str(first.id), "cartToken": token})
    left = removed["cartGiftCardRemove"]["cart"]
    assert ([each["giftCardId"] for each in left["giftCards"]], left["amountDue"]["amount"]) == (
        [str(second.id)],
        "0.00",
    )
    shop.cart_token = token
    assert (await shop.data(CLEAR))["cartClear"]["errors"] == []
    assert (await shop.data(QUERY))["cart"]["giftCards"] == []


async def test_a_card_that_cannot_pay_is_refused_with_the_reason(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    (disabled, code), cards = await issue(shop, "5.00"), shop.services.payment.gift_cards
    await shop.database.run(lambda tx: cards.disable(tx, disabled.id), shop.actors["admin"])
    _, expired = await issue(shop, "5.00", expires_at=shop.clock.now() + timedelta(hours=1))
    empty, used = await issue(shop, "5.00")
    await shop.database.run(lambda tx: cards.adjust(tx, empty.id, Decimal(-5), "Spent"), shop.actors["admin"])
    shop.clock.advance(timedelta(hours=2))
    answers = [await apply(shop, "customer", each) for each in (code, expired, used, "0000-0000-0000-0000", "")]
    assert [(each["cart"], each["errors"][0]["code"], each["errors"][0]["path"]) for each in answers] == [
        (None, "GIFT_CARD_DISABLED", ["input", "code"]),
        (None, "GIFT_CARD_EXPIRED", ["input", "code"]),
        (None, "GIFT_CARD_EMPTY", ["input", "code"]),
        (None, "NOT_FOUND", ["input", "code"]),
        (None, "NOT_FOUND", ["input", "code"]),
    ]
    assert len({each["errors"][0]["message"] for each in answers}) == 4


async def test_a_card_of_another_company_is_answered_like_one_that_does_not_exist(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    _, code = await issue(shop, "5.00", by="stranger")
    foreign = await apply(shop, "customer", code)
    assert foreign == await apply(shop, "customer", "0000-0000-0000-0000")
    assert foreign["errors"][0]["code"] == "NOT_FOUND"


async def test_guessing_codes_is_limited(shop: Site, shirt: Any) -> None:
    token = (await shop.data(ADD, input=line(shirt)))["cartItemAdd"]["cartToken"]
    codes = [(await apply(shop, None, f"{number:020}", cartToken=token))["errors"][0]["code"] for number in range(21)]
    assert (codes.count("NOT_FOUND"), codes[-1]) == (20, "RATE_LIMITED")
    _, good = await issue(shop, "5.00")
    assert (await apply(shop, None, good, cartToken=token))["errors"][0]["code"] == "RATE_LIMITED"


@pytest.mark.parametrize("who", [None, "customer", "clerk", "admin", "stranger"])
async def test_nobody_changes_what_pays_for_the_cart_of_another(
    shop: Site, shirt: Any, owner: Any, who: str | None
) -> None:
    card, code = await issue(shop, "5.00")
    token = (await shop.data(ADD, input=line(shirt)))["cartItemAdd"]["cartToken"]
    await apply(shop, None, code, cartToken=token)
    before = await owner.fetch("select * from cart_gift_cards where company_id = $1", shop.company_id)
    removed = (await shop.data(REMOVE, who, input={"giftCardId": str(card.id)}))["cartGiftCardRemove"]
    assert [error["code"] for error in removed["errors"]] == ["NOT_FOUND"]
    assert (await apply(shop, who, code))["errors"][0]["code"] == "NOT_FOUND"
    assert await owner.fetch("select * from cart_gift_cards where company_id = $1", shop.company_id) == before


async def test_store_credit_pays_what_the_cards_leave_of_a_customers_cart(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    user_id = shop.actors["customer"].user_id
    assert user_id is not None
    given = shop.services.payment.store_credits
    await shop.database.run(lambda tx: given.issue(tx, user_id, Decimal(7), "A gift"), shop.actors["admin"])
    _, code = await issue(shop, "15.00")
    await apply(shop, "customer", code)
    used = (await shop.data(USE, "customer", input={"use": True}))["cartStoreCreditUse"]["cart"]
    assert (used["useStoreCredit"], used["amountDue"]["amount"]) == (True, "0.00")
    assert used["storeCredit"] == {"balance": {"amount": "7.00"}, "amount": {"amount": "5.00"}}
    left = (await shop.data(USE, "customer", input={"use": False}))["cartStoreCreditUse"]["cart"]
    assert (left["useStoreCredit"], left["storeCredit"], left["amountDue"]["amount"]) == (False, None, "5.00")


async def test_a_customer_without_store_credit_is_shown_none(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    used = (await shop.data(USE, "customer", input={"use": True}))["cartStoreCreditUse"]["cart"]
    assert used["storeCredit"] == {"balance": {"amount": "0.00"}, "amount": {"amount": "0.00"}}
    assert used["amountDue"]["amount"] == "20.00"


async def test_a_guest_has_no_store_credit(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, input=line(shirt))
    assert await shop.denied(USE, input={"use": True}) == "UNAUTHENTICATED"


async def test_a_card_that_the_cart_does_not_have_is_not_removed(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    removed = (await shop.data(REMOVE, "customer", input={"giftCardId": str(new_id())}))["cartGiftCardRemove"]
    assert removed == {"cart": None, "errors": [{"code": "NOT_FOUND", "path": ["input", "giftCardId"]}]}


async def test_merging_carts_merges_their_cards_up_to_ten(shop: Site, shirt: Any, owner: Any) -> None:
    cards = [await issue(shop, "1.00") for _ in range(12)]
    await shop.data(ADD, "customer", input=line(shirt))
    for _, code in cards[:6]:
        await apply(shop, "customer", code)
    token = (await shop.data(ADD, input=line(shirt)))["cartItemAdd"]["cartToken"]
    for _, code in cards[5:]:
        await apply(shop, None, code, cartToken=token)
    merged = (await shop.data(MERGE, "customer", input={"cartToken": token}))["cartMerge"]
    assert merged["errors"] == []
    shown = (await shop.data(QUERY, "customer"))["cart"]
    assert [each["giftCardId"] for each in shown["giftCards"]] == [str(card.id) for card, _ in cards[:10]]
    assert await owner.fetchval("select count(*) from cart_gift_cards where company_id = $1", shop.company_id) == 10


async def test_an_eleventh_card_is_refused(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    cards = [await issue(shop, "1.00") for _ in range(11)]
    answers = [await apply(shop, "customer", code) for _, code in cards]
    assert [error["path"] for answer in answers for error in answer["errors"]] == [["input", "code"]]
    assert answers[-1]["cart"] is None


async def test_the_statements_of_a_cart_with_tenders(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    _, code = await issue(shop, "5.00")
    await shop.data(QUERY, "customer")
    await shop.data(QUERY, "customer")
    without = shop.count.data
    await shop.data(APPLY.removeprefix(TENDERS).replace("...Tenders", "id"), "customer", input={"code": code})
    assert shop.count.data == 4
    await shop.data(QUERY, "customer")
    await shop.data(QUERY, "customer")
    assert (without, shop.count.data) == (4, 4 + 2)
    await shop.data(USE, "customer", input={"use": True})
    await shop.data(QUERY, "customer")
    assert shop.count.data == 4 + 2 + 2
