"""A buyer is charged only a total that was shown to them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.cart.models import CartRef
from domains.kernel.actor import Actor
from domains.promotion.models import PromotionType
from domains.promotion.rate_limit import WRONG_TOTALS
from domains.tax.models import Destination
from gateway.graphql.company.settings import update_settings
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.zones import flat_rate
from tests.gateway.graphql.order.operations import CREATE, ordering
from tests.gateway.site import Site, services_of

SHOWN = "{ cart { totals { total { amount } } } }"
ADD = """mutation ($input: CartItemAddInput!) { cartItemAdd(input: $input) {
  cartToken cart { totals { total { amount } } } errors { code } } }"""
CLEAR = "mutation { cartClear { cart { id } errors { code } } }"
MERGE = "mutation ($input: CartMergeInput) { cartMerge(input: $input) { cart { id } errors { code } } }"
CARTS = "{ carts(first: 5) { nodes { id totals { total { amount } } } } }"
VALIDATE = """mutation ($input: PromoCodeValidateInput!) { promoCodeValidate(input: $input) {
  promotion { code } needsConfirmedEmail errors { code } } }"""
Move = Callable[[Storefront], Awaitable[Any]]


def settings(**changes: Any) -> Move:
    """Staff change the terms of sale."""

    async def move(shop: Storefront) -> None:
        company: Any = changes
        await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, company))

    return move


def ships_for(price: str, free_from: str | None = None) -> Move:
    """Staff change the price of shipping."""

    async def move(shop: Storefront) -> None:
        await shop.run(lambda tx: flat_rate(shop.services.shipping, tx, price, free_from))

    return move


def promotion_ends(code: str) -> Move:
    async def move(shop: Storefront) -> None:
        row = await shop.owner.fetchval(
            "select id from promotions where company_id = $1 and code = $2", shop.company_id, code
        )
        ended: Any = {"is_active": False}
        await shop.run(lambda tx: shop.services.promotion.update_promotion(tx, row, ended))

    return move


async def promotion_begins(shop: Storefront) -> None:
    await shop.promotion(code="NEW", discount_value=Decimal(50), is_automatic=True)


async def price_rises(shop: Storefront) -> None:
    product: Any = {"base_price": Decimal(11)}
    await shop.run(lambda tx: shop.services.catalog.update_product(tx, shop.products["A"].id, product))


async def day_passes(shop: Storefront) -> None:
    shop.clock.advance(timedelta(days=1))


async def create_cart(shop: Storefront) -> Actor:
    """A customer with two of A in the cart, ten per cent off by themselves for today, and ten by a code."""
    await shop.stock("A", 9)
    await ships_for("7.90", "25")(shop)
    await settings(tax_rate=Decimal("0.2"))(shop)
    tomorrow = shop.clock.now() + timedelta(days=1)
    await shop.promotion(code="TODAY", discount_value=Decimal(10), is_automatic=True, end_date=tomorrow)
    await shop.promotion(code="TEN", discount_value=Decimal(10))
    ada = await shop.customer()
    await shop.fill(ada, ("A", 2))
    await shop.apply(ada, "TEN")
    return ada


@pytest.mark.parametrize(
    ("move", "total"),
    [
        (ships_for("52"), "68.20"),
        (ships_for("0"), "16.20"),
        (ships_for("7.90", "20"), "16.20"),
        (settings(prices_include_tax=False), "27.34"),
        (promotion_ends("TODAY"), "25.90"),
        (promotion_ends("TEN"), "25.90"),
        (promotion_begins, "16.00"),
        (price_rises, "25.72"),
        (day_passes, "25.90"),
    ],
)
async def test_an_order_with_another_total_than_shown_is_refused_with_the_new_one(
    shop: Storefront, site: Site, move: Move, total: str
) -> None:
    ada = await create_cart(shop)
    assert (await site.data(SHOWN, ada))["cart"]["totals"]["total"]["amount"] == "24.10"
    await move(shop)
    made = (await site.data(CREATE, ada, **ordering()))["orderCreate"]
    (error,) = made["errors"]
    assert (made["order"], error["code"]) == (None, "PRICE_CHANGED")
    assert (error["expected"], error["actual"], error["currency"]) == ("24.10", total, "EUR")
    confirmed = (await site.data(CREATE, ada, **ordering(expectedTotal=total)))["orderCreate"]
    assert (confirmed["errors"], confirmed["order"]["total"]["amount"]) == ([], total)


async def test_changes_that_keep_the_total_do_not_refuse_the_order(shop: Storefront, site: Site) -> None:
    ada = await create_cart(shop)
    await site.data(SHOWN, ada)
    await settings(tax_rate=Decimal("0.3"))(shop)  # prices include it
    assert (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"] == []


async def test_a_buyer_who_saw_the_new_total_orders_at_it(shop: Storefront, site: Site) -> None:
    ada = await create_cart(shop)
    await site.data(SHOWN, ada)
    await ships_for("52")(shop)
    assert (await site.data(SHOWN, ada))["cart"]["totals"]["total"]["amount"] == "68.20"
    made = (await site.data(CREATE, ada, **ordering()))["orderCreate"]
    assert (made["errors"], made["order"]["total"]["amount"]) == ([], "68.20")


async def test_an_order_without_a_shown_total_uses_its_prices_and_codes(shop: Storefront, site: Site) -> None:
    ada = await create_cart(shop)
    await ships_for("52")(shop)
    await promotion_ends("TEN")(shop)
    (error,) = (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"]
    assert error["code"] == "PROMO_CODE_REFUSED"
    await shop.owner.execute("delete from cart_promotions where company_id = $1", shop.company_id)
    assert (await site.data(CREATE, ada, **ordering()))["orderCreate"]["order"]["total"]["amount"] == "70.00"


async def test_a_guest_is_charged_the_total_of_the_addition(shop: Storefront, site: Site) -> None:
    await create_cart(shop)
    guest = Actor.anonymous(shop.company_id)
    item = {"productId": str(shop.products["A"].id), "quantity": 1}
    added = (await site.data(ADD, guest, input=item))["cartItemAdd"]
    assert added["cart"]["totals"]["total"]["amount"] == "16.90"
    await ships_for("52")(shop)
    given = {"cartToken": added["cartToken"], "email": "g@example.com"}
    (error,) = (await site.data(CREATE, guest, **ordering(**given)))["orderCreate"]["errors"]
    assert (error["expected"], error["actual"]) == ("16.90", "61.00")


async def test_totals_shown_to_staff_do_not_count_as_shown_to_the_buyer(shop: Storefront, site: Site) -> None:
    ada, clerk = await create_cart(shop), await shop.staff()
    guest = Actor.anonymous(shop.company_id)
    token = await shop.fill(guest, ("A", 1))
    await site.data(SHOWN, ada)
    await ships_for("52")(shop)
    seen = (await site.data(CARTS, clerk))["carts"]["nodes"]
    assert sorted(node["totals"]["total"]["amount"] for node in seen) == ["61.00", "68.20"]
    (error,) = (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"]
    assert (error["expected"], error["actual"]) == ("24.10", "68.20")
    quote = await shop.owner.fetchval(
        "select quoted_total from carts where company_id = $1 and user_id is null", shop.company_id
    )
    assert quote is None
    given = {"cartToken": token, "email": "g@example.com"}
    assert (await site.data(CREATE, guest, **ordering(**given)))["orderCreate"]["errors"] == []


async def test_a_shown_total_is_stored_once_for_every_process(shop: Storefront, site: Site) -> None:
    ada = await create_cart(shop)
    await shop.services.shipping.of_sales(shop.database.reader(shop.company_id), [None])
    await site.data(SHOWN, ada)
    first = site.count.data
    await site.data(SHOWN, ada)
    assert site.count.data == first - 1
    other = services_of(shop.clock, shop.database)
    cart = await other.cart.get_cart(shop.database.reader(shop.company_id), CartRef.of(ada, None))
    assert cart.shown_total is not None
    assert (cart.shown_total.amount, cart.shown_total.currency) == (Decimal("24.10"), "EUR")


async def test_a_quote_ends_with_the_content_of_its_cart(shop: Storefront, site: Site) -> None:
    """After an order, a clearing or an empty view, totals of later additions were never shown."""
    ada = await create_cart(shop)

    async def clear() -> None:
        await site.data(CLEAR, ada)

    async def order() -> None:
        assert (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"] == []

    async def show_empty() -> None:
        await shop.owner.execute("delete from cart_items where company_id = $1", shop.company_id)
        await site.data(SHOWN, ada)

    for end in (order, clear, show_empty):
        await shop.fill(ada, ("A", 1))
        await site.data(SHOWN, ada)
        await end()
        await shop.fill(ada, ("A", 2))
        assert (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"] == []


async def test_a_guests_quote_is_merged_into_the_users_cart(shop: Storefront, site: Site) -> None:
    await create_cart(shop)
    guest, bob = Actor.anonymous(shop.company_id), await shop.customer()
    item = {"productId": str(shop.products["A"].id), "quantity": 1}
    token = (await site.data(ADD, guest, input=item))["cartItemAdd"]["cartToken"]
    await site.data(MERGE, bob, input={"cartToken": token})
    await ships_for("52")(shop)
    (error,) = (await site.data(CREATE, bob, **ordering()))["orderCreate"]["errors"]
    assert (error["expected"], error["actual"]) == ("16.90", "61.00")


async def test_a_refusal_keeps_the_quote(shop: Storefront, site: Site) -> None:
    ada = await create_cart(shop)
    await site.data(SHOWN, ada)
    await ships_for("52")(shop)
    for _ in range(2):
        (error,) = (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"]
        assert error["actual"] == "68.20"


async def test_an_inapplicable_code_does_not_change_the_shown_total(shop: Storefront, site: Site) -> None:
    ada = await create_cart(shop)
    await promotion_ends("TEN")(shop)
    assert (await site.data(SHOWN, ada))["cart"]["totals"]["total"]["amount"] == "25.90"
    assert (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"] == []


async def test_a_quote_adds_no_statement_to_an_order(shop: Storefront, site: Site) -> None:
    ada = await create_cart(shop)
    reader = shop.database.reader(shop.company_id)
    await shop.services.tax.of_sale(reader, Destination("DE"))
    await shop.services.shipping.of_sales(reader, [Destination("DE")])
    await site.data(CREATE, ada, **ordering())
    unquoted = site.count.data
    await shop.fill(ada, ("A", 2))
    await shop.apply(ada, "TEN")
    await site.data(SHOWN, ada)
    await site.data(CREATE, ada, **ordering())
    assert site.count.data == unquoted


async def test_a_loyalty_code_is_neither_accepted_nor_refused_for_a_guest(shop: Storefront, site: Site) -> None:
    await shop.promotion(code="LOYAL", discount_value=Decimal(50), type=PromotionType.LOYALTY, required_orders=2)
    guest = Actor.anonymous(shop.company_id)
    payload = (await site.data(VALIDATE, guest, input={"code": "LOYAL"}))["promoCodeValidate"]
    assert payload == {"promotion": {"code": "LOYAL"}, "needsConfirmedEmail": True, "errors": []}


async def test_wrong_totals_are_rate_limited_and_correct_orders_do_not_count(shop: Storefront, site: Site) -> None:
    ada = await create_cart(shop)
    for _ in range(3):
        assert (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"] == []
        await shop.fill(ada, ("A", 2))
    guesses = [
        (await site.data(CREATE, ada, **ordering(expectedTotal="0.01")))["orderCreate"]["errors"]
        for _ in range(WRONG_TOTALS.limit)
    ]
    assert [[error["code"] for error in errors] for errors in guesses] == [["PRICE_CHANGED"]] * WRONG_TOTALS.limit
    right = ordering(expectedTotal="25.90")
    (error,) = (await site.data(CREATE, ada, **right))["orderCreate"]["errors"]
    assert error["code"] == "RATE_LIMITED"
    site.ip = "198.51.100.4"
    assert (await site.data(CREATE, ada, **right))["orderCreate"]["errors"] == []


@pytest.mark.parametrize("failure", [RuntimeError, TimeoutError, asyncio.CancelledError])
async def test_orders_without_an_answer_do_not_count_as_wrong_totals(
    shop: Storefront, site: Site, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    ada = await create_cart(shop)

    async def fail(*_: object) -> None:
        raise failure

    with monkeypatch.context() as broken:
        broken.setattr(type(site.services.order.checkout), "take_ticket", fail)
        for _ in range(WRONG_TOTALS.limit + 1):
            with suppress(asyncio.CancelledError):
                await site.post(CREATE, ada, **ordering())
    assert (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"] == []


async def test_orders_refused_for_their_cart_count_as_wrong_totals(shop: Storefront, site: Site) -> None:
    ada = await create_cart(shop)
    await site.data(CLEAR, ada)
    refused = [
        (await site.data(CREATE, ada, **ordering()))["orderCreate"]["errors"] for _ in range(WRONG_TOTALS.limit + 1)
    ]
    codes = [[error["code"] for error in errors] for errors in refused]
    assert codes == [["CART_EMPTY"]] * WRONG_TOTALS.limit + [["RATE_LIMITED"]]


async def test_many_parallel_orders_do_not_count_as_wrong_totals(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 100)
    guest = Actor.anonymous(shop.company_id)
    tokens = [await shop.fill(guest, ("A", 1)) for _ in range(20)]
    asked = [site.data(CREATE, guest, **ordering(cartToken=token, email="g@example.com")) for token in tokens]
    assert [each["orderCreate"]["errors"] for each in await asyncio.gather(*asked)] == [[]] * 20
