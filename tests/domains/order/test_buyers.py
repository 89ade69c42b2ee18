"""What orders give their buyers: taken back with them, and for who has proven that an address is theirs alone."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from domains.cart.models import CartRef
from domains.catalog.models import ReviewChanges
from domains.kernel.actor import Actor
from domains.kernel.counting import counting
from domains.kernel.events import Envelope
from domains.kernel.ids import new_id
from domains.order.errors import CodeRefused, EmailNotConfirmed, PriceChanged
from domains.order.handlers import Purchases
from domains.order.models import AddressFields, Order, OrderStatus
from domains.payment.errors import PaymentDeclined
from domains.promotion.basket import Claimant
from domains.promotion.eligibility import COUNTED_FOR, MOST_PER_ADDRESS, MOST_PER_CARD
from domains.promotion.errors import CardUsedUp, PromotionExhausted
from domains.promotion.models import PromotionType
from tests.domains.order.storefront import DECLINED, GOOD, HOME, SILENT_CHARGED, Storefront

HALF: dict[str, Any] = {"discount_value": Decimal(50)}
WELCOME: dict[str, Any] = {"code": "WELCOME", "type": PromotionType.WELCOME, **HALF}
LOYAL: dict[str, Any] = {"code": "LOYAL", "type": PromotionType.LOYALTY, "required_orders": 1, **HALF}
OTHER_CARD = SILENT_CHARGED
VERIFY = "update users set email_verified = true where id = $1 returning email"


@pytest.fixture
async def stocked(shop: Storefront) -> Storefront:
    """The shop with plenty of A at 10.00 EUR, and both codes, each for half."""
    await shop.stock("A", 500)
    await shop.promotion(**WELCOME)
    await shop.promotion(**LOYAL)
    return shop


def home(street: object = None) -> AddressFields:
    """Where somebody lives: in a street of their own unless the test says which."""
    return replace(HOME, address_line_1=f"1 {street or new_id()} Street")


async def as_guest(
    shop: Storefront, email: str, code: str | None = None, *, confirm: bool = False, **given: Any
) -> Order:
    """An order of a guest at this address."""
    guest = Actor.anonymous(shop.company_id)
    token = await shop.fill(guest, ("A", 1))
    if confirm:
        await confirm_email(shop, token, email)
    if code is not None:
        await shop.apply(guest, code, token=token)
    return (await shop.place(guest, cart_token=token, email=email, **{"shipping": home(), **given})).order


async def confirm_email(shop: Storefront, token: str | None, email: str) -> None:
    """What `cartEmailConfirm` does in the end, as tests beside it show."""
    await shop.owner.execute(
        "update carts set confirmed_email = $2 where session_id = $1", CartRef.of_token(token).token_hash, email
    )


async def as_customer(shop: Storefront, buyer: Actor, code: str) -> Order:
    await shop.fill(buyer, ("A", 1))
    await shop.apply(buyer, code)
    return (await shop.place(buyer, shipping=home())).order


async def forget(shop: Storefront, buyer: Actor) -> None:
    """Take everything out of a customer's cart."""
    await shop.run(lambda tx: shop.services.cart.clear_cart(tx, CartRef.of(buyer, None)))


async def verified(shop: Storefront) -> tuple[Actor, str]:
    """A customer whose address is confirmed, and the address."""
    buyer = await shop.customer()
    return buyer, await shop.owner.fetchval(VERIFY, buyer.user_id)


async def paid(shop: Storefront, order: Order, number: str = GOOD) -> Order:
    """The order, paid by somebody who may."""
    return await shop.pay(shop.system, order, number)


async def refund(shop: Storefront, order: Order, amount: Decimal | None = None) -> None:
    await shop.services.order.refund_order(shop.database, shop.system, order.id, amount=amount)


async def cancel(shop: Storefront, order: Order) -> None:
    await shop.services.order.cancel_order(shop.database, shop.system, order.id)


async def moved(shop: Storefront, order: Order, *statuses: OrderStatus) -> None:
    for status in statuses:
        await shop.run(lambda tx, to=status: shop.services.order.update_status(tx, shop.system, order.id, to))


# ---- given back


async def test_a_first_orders_code_comes_back_with_a_cancelled_and_refunded_order(stocked: Storefront) -> None:
    for buyer in [(await verified(stocked))[0], await stocked.customer()]:
        for _ in range(3):
            order = await paid(stocked, await as_customer(stocked, buyer, "WELCOME"))
            assert order.total == Decimal(5)
            with pytest.raises(CodeRefused):
                await as_customer(stocked, buyer, "WELCOME")
            await forget(stocked, buyer)
            await cancel(stocked, order)


@pytest.mark.parametrize(
    "statuses",
    [
        [],
        [OrderStatus.PROCESSING],
        [OrderStatus.PROCESSING, OrderStatus.SHIPPED],
        [OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED],
    ],
)
async def test_a_whole_refund_takes_back_what_an_order_gave_wherever_it_stands(
    stocked: Storefront, statuses: list[OrderStatus]
) -> None:
    buyer, _ = await verified(stocked)
    order = await paid(stocked, await as_customer(stocked, buyer, "WELCOME"))
    await moved(stocked, order, *statuses)
    await refund(stocked, order, Decimal(2))
    with pytest.raises(CodeRefused, match="used it already"):
        await as_customer(stocked, buyer, "WELCOME")
    await forget(stocked, buyer)
    await refund(stocked, order)
    assert (await as_customer(stocked, buyer, "WELCOME")).total == Decimal(5)


async def test_loyalty_is_not_earned_by_orders_that_are_given_back(stocked: Storefront) -> None:
    buyer, _ = await verified(stocked)
    for _ in range(3):
        order = await paid(stocked, await stocked.buy(buyer, ("A", 1)))
        await cancel(stocked, order)
    with pytest.raises(CodeRefused, match="1 paid order"):
        await as_customer(stocked, buyer, "LOYAL")
    await forget(stocked, buyer)
    await paid(stocked, await stocked.buy(buyer, ("A", 1)))
    assert (await as_customer(stocked, buyer, "LOYAL")).total == Decimal(5)


async def test_a_withdrawal_that_is_told_before_the_payment_holds_against_it(shop: Storefront) -> None:
    await shop.stock("A", 9)
    buyer = await shop.customer()
    promotions, who = shop.services.promotion, Claimant(user_id=buyer.user_id, email="ada@example.com")
    for order_of_news in permutations("pwp"):
        order = await shop.buy(buyer, ("A", 1))
        for news in order_of_news:
            tell = promotions.record_paid_order if news == "p" else promotions.withdraw_order
            await shop.run(lambda tx, tell=tell, order=order: tell(tx, order.id, who))
        standing = await shop.run(lambda tx, order=order: promotions.standing_of(tx, order.id))
        assert (standing.user_id, standing.counts) == (buyer.user_id, False)


async def test_paying_and_cancelling_at_once_leave_a_history_that_agrees(stocked: Storefront) -> None:
    buyers = await stocked.customers(8)
    orders = [await stocked.buy(buyer, ("A", 1)) for buyer in buyers]
    for buyer, order in zip(buyers, orders, strict=True):
        await stocked.pay(buyer, order, SILENT_CHARGED)
    stocked.clock.advance(timedelta(minutes=5))
    settling = [stocked.services.order.settle(stocked.database, stocked.system) for _ in range(3)]
    await asyncio.gather(*settling, *(cancel(stocked, order) for order in orders), return_exceptions=True)
    await asyncio.gather(*(cancel(stocked, order) for order in orders), return_exceptions=True)
    ended = Counter([(await stocked.order(order.id)).status for order in orders])
    assert ended == {OrderStatus.REFUNDED: 8}
    for buyer in buyers:
        assert (await as_customer(stocked, buyer, "WELCOME")).total == Decimal(5)


# ---- verified reviews


async def review(shop: Storefront, buyer: Actor, sku: str = "A") -> Any:
    given: ReviewChanges = {"rating": 5}
    return await shop.run(
        lambda tx: shop.services.reviews.create_review(tx, buyer, shop.products[sku].id, given), buyer
    )


async def is_verified(shop: Storefront) -> list[bool]:
    rows = await shop.owner.fetch("select is_verified_purchase from reviews where company_id = $1", shop.company_id)
    return [row[0] for row in rows]


async def news(shop: Storefront) -> list[Envelope]:
    """What was told of orders and concerns reviews, as the relay would bring it."""
    rows = await shop.owner.fetch(
        "select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload "
        "from outbox_events where company_id = $1 and topic = any($2) order by sequence",
        shop.company_id,
        list(Purchases.topics),
    )
    envelopes = [Envelope(*row.values()) for row in rows]
    return [each for each in envelopes if Purchases.concerns(each.payload)]


async def test_a_review_is_verified_while_a_purchase_stands(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyer = await shop.customer()
    purchases = Purchases(shop.services.reviews, shop.services.promotion)

    async def hear() -> list[bool]:
        for envelope in await news(shop):
            await shop.run(lambda tx, envelope=envelope: purchases.record(tx, envelope))
        return await is_verified(shop)

    await review(shop, buyer)
    first, second = [await paid(shop, await shop.buy(buyer, ("A", 1))) for _ in range(2)]
    assert await hear() == [True]
    await cancel(shop, first)
    assert await hear() == [True]
    await moved(shop, second, OrderStatus.PROCESSING, OrderStatus.SHIPPED)
    await refund(shop, second, Decimal(4))
    assert await hear() == [True]
    await refund(shop, second)
    assert await hear() == [False]
    assert await shop.count("product_purchases") == 0


@pytest.mark.parametrize("order_of_news", list(permutations(range(3))))
async def test_news_of_a_purchase_may_come_twice_and_in_any_order(
    shop: Storefront, order_of_news: tuple[int, ...]
) -> None:
    await shop.stock("A", 5)
    buyer = await shop.customer()
    await review(shop, buyer)
    await cancel(shop, await paid(shop, await shop.buy(buyer, ("A", 1))))
    told = await news(shop)
    assert [each.topic for each in told] == ["order.paid", "order.cancelled", "order.refunded"]
    purchases = Purchases(shop.services.reviews, shop.services.promotion)
    for _ in range(2):
        for place in order_of_news:
            await shop.run(lambda tx, place=place: purchases.record(tx, told[place]))
            assert await is_verified(shop) == [False]


async def test_a_review_beside_the_news_of_a_refund_is_not_verified(shop: Storefront) -> None:
    await shop.stock("A", 50)
    purchases = Purchases(shop.services.reviews, shop.services.promotion)
    for buyer in await shop.customers(6):
        order = await paid(shop, await shop.buy(buyer, ("A", 1)))
        (bought,) = [each for each in await news(shop) if each.aggregate_id == order.id]
        await shop.run(lambda tx, bought=bought: purchases.record(tx, bought))
        await cancel(shop, order)
        told = [each for each in await news(shop) if each.aggregate_id == order.id]
        hearing = [shop.run(lambda tx, each=each: purchases.record(tx, each)) for each in told]
        await asyncio.gather(review(shop, buyer), *hearing)
    assert await is_verified(shop) == [False] * 6


def test_a_guests_purchase_concerns_no_review() -> None:
    assert [Purchases.concerns(each) for each in ({"user_id": None}, {"was_paid": False}, {"is_whole": False})] == [
        False
    ] * 3


# ---- who has proven it


async def test_a_typed_address_brings_nothing_that_it_has_earned(stocked: Storefront) -> None:
    buyer, email = await verified(stocked)
    await paid(stocked, await stocked.buy(buyer, ("A", 1)))
    with pytest.raises(CodeRefused, match="confirmed e-mail address"):
        await as_guest(stocked, email, "LOYAL")
    assert (await as_guest(stocked, email, "LOYAL", expected_total=Decimal(10))).total == Decimal(10)
    assert (await as_guest(stocked, email, "LOYAL", confirm=True)).total == Decimal(5)


async def test_a_guest_who_confirms_the_address_is_loyal_by_earlier_orders(stocked: Storefront) -> None:
    await paid(stocked, await as_guest(stocked, "gus@gmail.com"))
    confirmed = await as_guest(stocked, "g.u.s+2@gmail.com", "LOYAL", confirm=True)
    assert (confirmed.total, confirmed.email, confirmed.email_confirmed) == (Decimal(5), "g.u.s+2@gmail.com", True)


async def test_an_account_whose_address_is_not_confirmed_has_earned_what_it_bought_itself(
    stocked: Storefront,
) -> None:
    buyer = await stocked.customer()
    email = await stocked.owner.fetchval("select email from users where id = $1", buyer.user_id)
    await paid(stocked, await as_guest(stocked, email, confirm=True))
    with pytest.raises(CodeRefused, match="1 paid order"):
        await as_customer(stocked, buyer, "LOYAL")
    await forget(stocked, buyer)
    await paid(stocked, await stocked.buy(buyer, ("A", 1)))
    assert (await as_customer(stocked, buyer, "LOYAL")).total == Decimal(5)


async def test_a_stranger_who_types_an_address_uses_up_nothing_of_its_owners(stocked: Storefront) -> None:
    buyer, email = await verified(stocked)
    await paid(stocked, await as_guest(stocked, email, "WELCOME"))
    assert (await as_customer(stocked, buyer, "WELCOME")).total == Decimal(5)
    other = "guest@example.com"
    await paid(stocked, await as_guest(stocked, other, "WELCOME"))
    assert (await as_guest(stocked, other, "WELCOME", confirm=True)).total == Decimal(5)


async def test_an_owner_has_one_first_order_by_account_and_as_a_guest(stocked: Storefront) -> None:
    buyer, email = await verified(stocked)
    await paid(stocked, await as_customer(stocked, buyer, "WELCOME"))
    tagged = email.replace("@", "+1@")
    with pytest.raises(CodeRefused, match="used it already"):
        await as_guest(stocked, tagged, "WELCOME", confirm=True)


async def test_a_price_never_depends_on_the_past_of_a_typed_address(stocked: Storefront) -> None:
    """The refusal of a guess is the same, by the same statements, for whom the shop knows and whom it does not."""
    buyer, email = await verified(stocked)
    await paid(stocked, await as_customer(stocked, buyer, "WELCOME"))
    await paid(stocked, await as_guest(stocked, email, "WELCOME"))
    for code in ("WELCOME", "LOYAL", None):
        answers = []
        for typed in (email, "nobody@example.com"):
            with counting() as count, pytest.raises(PriceChanged) as refused:
                await as_guest(stocked, typed, code, expected_total=Decimal("0.01"))
            answers.append((refused.value.message, refused.value.path, count.texts))
        assert answers[0] == answers[1]


async def test_what_strangers_have_used_is_told_to_who_would_have_got_it_alone(stocked: Storefront) -> None:
    await as_guest(stocked, "me@gmail.com", "WELCOME")
    again = "m.e+1@gmail.com"
    with pytest.raises(PriceChanged) as guessed:
        await as_guest(stocked, again, "WELCOME", expected_total=Decimal("0.01"))
    assert guessed.value.actual == Decimal(5)
    with pytest.raises(PriceChanged) as told:
        await as_guest(stocked, again, "WELCOME", expected_total=Decimal(5))
    assert told.value.actual == Decimal(10)
    with pytest.raises(CodeRefused, match="Confirm the address"):
        await as_guest(stocked, again, "WELCOME")
    order = await as_guest(stocked, again, "WELCOME", expected_total=Decimal(10))
    assert (order.total, order.card_limited) == (Decimal(10), False)


async def test_two_first_orders_at_once_at_one_mailbox_do_not_both_get_it(stocked: Storefront) -> None:
    spellings = [f"m.e+{number}@gmail.com" for number in range(6)]
    outcomes = await asyncio.gather(
        *(as_guest(stocked, email, "WELCOME") for email in spellings), return_exceptions=True
    )
    got = [each for each in outcomes if isinstance(each, Order)]
    assert [order.total for order in got] == [Decimal(5)]
    assert {type(each) for each in outcomes} <= {Order, PromotionExhausted, CodeRefused}


async def test_a_confirmed_cart_is_ordered_at_its_address_alone(stocked: Storefront) -> None:
    guest = Actor.anonymous(stocked.company_id)
    token = await stocked.fill(guest, ("A", 1))
    await confirm_email(stocked, token, "mine@example.com")
    with pytest.raises(EmailNotConfirmed):
        await stocked.place(guest, cart_token=token, email="yours@example.com")
    order = (await stocked.place(guest, cart_token=token)).order
    assert (order.email, order.email_confirmed) == ("mine@example.com", True)


# ---- delivery addresses and cards


async def test_a_delivery_address_gets_few_first_orders_however_it_is_spelt(stocked: Storefront) -> None:
    spellings = ["12 St James's Square", "12, St. James`s  square", "12 ST JAMÉS S SQUARE", "12 st jamesssquare"]
    homes = [
        replace(HOME, full_name=f"Buyer {number}", address_line_1=line, city=f"Town {number}", postal_code="sw 1y")
        for number, line in enumerate(spellings)
    ]
    for number, each in enumerate(homes[:MOST_PER_ADDRESS]):
        order = await as_guest(stocked, f"b{number}@example.com", "WELCOME", shipping=each)
        assert order.total == Decimal(5)
    with pytest.raises(CodeRefused, match="delivery address"):
        await as_guest(stocked, "late@example.com", "WELCOME", shipping=homes[-1])
    with pytest.raises(PriceChanged) as guessed:
        await as_guest(stocked, "late@example.com", "WELCOME", shipping=homes[-1], expected_total=Decimal("0.01"))
    assert guessed.value.actual == Decimal(5)
    kept = await stocked.owner.fetch(
        "select address_key from promotion_uses where company_id = $1", stocked.company_id
    )
    assert {len(row[0]) for row in kept} == {64}
    full = await as_guest(stocked, "late@example.com", "WELCOME", shipping=homes[-1], expected_total=Decimal(10))
    assert full.total == Decimal(10)
    stocked.clock.advance(COUNTED_FOR)
    assert (await as_guest(stocked, "later@example.com", "WELCOME", shipping=homes[-1])).total == Decimal(5)


async def test_a_first_order_that_ended_is_given_back_to_its_address(stocked: Storefront) -> None:
    here = home("Kiln")
    for number in range(MOST_PER_ADDRESS):
        await cancel(stocked, await as_guest(stocked, f"b{number}@example.com", "WELCOME", shipping=here))
    assert (await as_guest(stocked, "late@example.com", "WELCOME", shipping=here)).total == Decimal(5)


async def test_a_card_pays_few_first_orders_and_any_number_of_others(stocked: Storefront) -> None:
    orders = [await as_guest(stocked, f"b{number}@example.com", "WELCOME") for number in range(MOST_PER_CARD + 1)]
    assert {order.card_limited for order in orders} == {True}
    for order in orders[:MOST_PER_CARD]:
        await paid(stocked, order)
    with pytest.raises(CardUsedUp):
        await paid(stocked, orders[-1])
    assert (await stocked.order(orders[-1].id)).status is OrderStatus.PENDING
    assert (await paid(stocked, await as_guest(stocked, "plain@example.com"))).status is OrderStatus.PAID
    assert (await paid(stocked, orders[-1], OTHER_CARD)).status is OrderStatus.PAYMENT_PENDING
    prints = await stocked.owner.fetch(
        "select distinct card_fingerprint from payments where company_id = $1", stocked.company_id
    )
    assert [len(row[0]) for row in prints] == [64, 64]


async def test_a_card_that_was_declined_or_given_its_money_back_has_paid_no_first_order(stocked: Storefront) -> None:
    for number in range(MOST_PER_CARD + 1):
        order = await as_guest(stocked, f"b{number}@example.com", "WELCOME")
        await cancel(stocked, await paid(stocked, order))
        declined = await as_guest(stocked, f"c{number}@example.com", "WELCOME")
        with pytest.raises(PaymentDeclined):
            await paid(stocked, declined, DECLINED)
    with pytest.raises(PaymentDeclined):
        await paid(stocked, await as_guest(stocked, "d@example.com", "WELCOME"), DECLINED)
    assert (await paid(stocked, await as_guest(stocked, "late@example.com", "WELCOME"))).status is OrderStatus.PAID


async def test_of_five_first_orders_paid_at_once_by_one_card_two_are(stocked: Storefront) -> None:
    orders = [await as_guest(stocked, f"b{number}@example.com", "WELCOME") for number in range(5)]
    outcomes = await asyncio.gather(*(paid(stocked, order) for order in orders), return_exceptions=True)
    assert Counter(type(each).__name__ for each in outcomes) == {
        "OrderRow": MOST_PER_CARD,
        "CardUsedUp": 5 - MOST_PER_CARD,
    }
