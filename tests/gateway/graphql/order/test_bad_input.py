"""An invalid purchase is refused with path and reason, changes nothing, and reveals nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.account.models import AddressType, NewAddress
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.order.models import Order, OrderStatus
from tests.domains.order.storefront import GOOD, Storefront
from tests.gateway.graphql.cart.operations import ADD
from tests.gateway.graphql.core.test_tenants import contents
from tests.gateway.graphql.order.operations import (
    ADDRESS,
    CANCEL,
    CARD,
    CREATE,
    MOVE,
    PAY,
    REFUND,
    key,
    ordering,
    paying,
)
from tests.gateway.site import Site

UPDATE = """mutation ($input: CartItemUpdateInput!) { cartItemUpdate(input: $input) {
  cart { id } errors { code message path } } }"""
APPLY = """mutation ($input: CartPromotionApplyInput!) { cartPromotionApply(input: $input) {
  cart { id } errors { code message path } } }"""
HOME = NewAddress(
    type=AddressType.SHIPPING,
    full_name="Eve Elsewhere",
    address_line_1="7 Secret Lane",
    city="Bath",
    postal_code="BA1",
    country="GB",
)
# What an answer to somebody else's business would hold, or one that shows the inside.
KEY = "idempotencyKey"
NEVER_RETURNED = (
    "Eve",
    "Secret",
    "Bath",
    "Traceback",
    "asyncpg",
    "domains.",
    "select ",
    "constraint",
    GOOD,
    "4000 0000",
)


@dataclass
class Scene:
    """Ada with things in her cart, an order to pay, one that is paid; a guest with a cart; and Eve."""

    shop: Storefront
    ada: Actor
    clerk: Actor
    guest: Actor
    token: str
    open: Order
    paid: Order
    line: str
    foreign_address: str


@pytest.fixture
async def scene(shop: Storefront) -> Scene:
    await shop.stock("A", 9)
    ada, eve = await shop.customers(2)
    guest, clerk = Actor.anonymous(shop.company_id), await shop.staff()
    await shop.promotion(
        code="OLD", discount_value=Decimal(10), end_date=shop.clock.now() + timedelta(seconds=1), priority=1
    )
    book = shop.services.account.addresses
    foreign = await shop.run(lambda tx: book.create(tx, eve, HOME), eve)
    paid = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    waiting = await shop.buy(ada, ("A", 1))
    await shop.fill(ada, ("A", 2))
    token = await shop.fill(guest, ("A", 1)) or ""
    line = await shop.owner.fetchval(
        "select i.id from cart_items i join carts c on c.id = i.cart_id where c.user_id = $1", ada.user_id
    )
    return Scene(shop, ada, clerk, guest, token, waiting, paid, str(line), str(foreign.id))


Prepare = Callable[[Scene], Awaitable[Any]]
Variables = Callable[[Scene], dict[str, Any]]


async def nothing(scene: Scene) -> None:
    """The scene as it is."""


async def code_ends(scene: Scene) -> None:
    await scene.shop.apply(scene.ada, "OLD")
    scene.shop.clock.advance(timedelta(seconds=1))


async def product_goes(scene: Scene) -> None:
    product = scene.shop.products["A"]
    await scene.shop.run(lambda tx: scene.shop.services.catalog.delete_product(tx, product.id))


async def price_moves(scene: Scene) -> None:
    product, catalog = scene.shop.products["A"], scene.shop.services.catalog
    await scene.shop.run(lambda tx: catalog.update_product(tx, product.id, {"base_price": Decimal("10.01")}))


async def others_buy_the_rest(scene: Scene) -> None:
    await scene.shop.buy(await scene.shop.customer(), ("A", 6))


async def time_is_over(scene: Scene) -> None:
    scene.shop.clock.advance(timedelta(minutes=30))


async def cart_is_ordered(scene: Scene) -> None:
    await scene.shop.place(scene.ada)


async def parcel_leaves(scene: Scene) -> None:
    service = scene.shop.services.order
    for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
        await scene.shop.run(
            lambda tx, status=status: service.update_status(tx, scene.clerk, scene.paid.id, status), scene.clerk
        )


def a_product(**given: Any) -> Variables:
    return lambda scene: {"input": {"productId": str(scene.shop.products["A"].id), **given}}


def a_line(**given: Any) -> Variables:
    return lambda scene: {"input": {"id": scene.line, **given}}


def of_guest(**given: Any) -> Variables:
    return lambda scene: ordering(**{"cartToken": scene.token, "email": "g@example.com", **given})


def of_cart(**given: Any) -> Variables:
    return lambda scene: ordering(**given)


def at_home_of_another(field: str) -> Variables:
    typed = {} if field == "billingAddressId" else {"shippingAddress": None}
    return lambda scene: ordering(**typed, **{field: scene.foreign_address})


def at_home_of_guest(scene: Scene) -> dict[str, Any]:
    return of_guest(shippingAddress=None, shippingAddressId=scene.foreign_address)(scene)


def card(**given: Any) -> Variables:
    return lambda scene: paying(scene.open.id, card=CARD | given)


def of(order: str, **given: Any) -> Variables:
    """An operation on the open or the paid order of the scene."""

    def made(scene: Scene) -> dict[str, Any]:
        found = {"open": scene.open.id, "paid": scene.paid.id, "unknown": new_id()}[order]
        return {"input": {"idempotencyKey": key(), "orderId": str(found), **given}}

    return made


def move(order: str, **given: Any) -> Variables:
    """The same without a key, which moving an order on does not have."""
    operation = of(order, **given)
    return lambda scene: {"input": {name: value for name, value in operation(scene)["input"].items() if name != KEY}}


Case = tuple[str, Prepare, str, Variables, str, str]
CART_CASES: list[Case] = [
    ("ada", nothing, ADD, lambda _: {"input": {"productId": str(new_id())}}, "NOT_FOUND", "productId"),
    ("ada", product_goes, ADD, a_product(), "NOT_FOUND", "productId"),
    ("ada", nothing, ADD, a_product(quantity=998), "CART_LIMIT_EXCEEDED", "quantity"),
    ("ada", nothing, ADD, a_product(quantity=8), "INSUFFICIENT_STOCK", "quantity"),
    ("ada", nothing, ADD, a_product(quantity=-(2**31)), "OUT_OF_RANGE", "quantity"),
    ("ada", nothing, UPDATE, a_line(quantity=0), "OUT_OF_RANGE", "quantity"),
    ("ada", nothing, UPDATE, a_line(quantity=-1), "OUT_OF_RANGE", "quantity"),
    ("ada", nothing, UPDATE, a_line(quantity=2**31 - 1), "CART_LIMIT_EXCEEDED", "quantity"),
    ("guest", nothing, UPDATE, lambda scene: a_line(quantity=1, cartToken=scene.token)(scene), "NOT_FOUND", "id"),
    ("ada", time_is_over, APPLY, lambda _: {"input": {"code": "OLD"}}, "PROMO_CODE_INVALID", "code"),
    ("ada", nothing, APPLY, lambda _: {"input": {"code": "' or 1=1 --"}}, "PROMO_CODE_INVALID", "code"),
]
CHECKOUT_CASES: list[Case] = [
    ("ada", code_ends, CREATE, of_cart(), "PROMO_CODE_REFUSED", "cartToken"),
    ("ada", product_goes, CREATE, of_cart(), "PRODUCT_UNAVAILABLE", "cartToken"),
    ("ada", product_goes, CREATE, of_cart(expectedTotal="20.00"), "PRODUCT_UNAVAILABLE", "cartToken"),
    ("ada", price_moves, CREATE, of_cart(), "PRICE_CHANGED", "expectedTotal"),
    ("ada", price_moves, CREATE, of_cart(expectedTotal="20.00"), "PRICE_CHANGED", "expectedTotal"),
    ("ada", others_buy_the_rest, CREATE, of_cart(), "INSUFFICIENT_STOCK", "cartToken"),
    ("ada", cart_is_ordered, CREATE, of_cart(), "CART_EMPTY", ""),
    ("ada", nothing, CREATE, at_home_of_another("shippingAddressId"), "NOT_FOUND", "shippingAddressId"),
    ("ada", nothing, CREATE, at_home_of_another("billingAddressId"), "NOT_FOUND", "billingAddressId"),
    ("guest", nothing, CREATE, at_home_of_guest, "NOT_FOUND", "shippingAddressId"),
    ("guest", nothing, CREATE, of_guest(cartToken="guessed"), "NOT_FOUND", ""),
    ("guest", nothing, CREATE, of_guest(cartToken=None), "NOT_FOUND", ""),
    ("guest", nothing, CREATE, of_guest(email=None), "REQUIRED", "email"),
    ("guest", nothing, CREATE, of_guest(email="g@"), "INVALID", "email"),
    ("ada", nothing, CREATE, of_cart(shippingAddress=ADDRESS | {"city": "x" * 999}), "TOO_LONG", "shippingAddress"),
]
PAYMENT_CASES: list[Case] = [
    ("ada", nothing, PAY, of("unknown", card=CARD), "NOT_FOUND", "orderId"),
    ("guest", nothing, PAY, of("open", card=CARD, orderToken="guessed"), "NOT_FOUND", "orderId"),
    ("ada", nothing, PAY, of("paid", card=CARD), "ORDER_NOT_PAYABLE", "orderId"),
    ("ada", time_is_over, PAY, of("open", card=CARD), "ORDER_EXPIRED", "orderId"),
    ("ada", nothing, PAY, of("open"), "REQUIRED", "card"),
    ("ada", nothing, PAY, of("open", card=CARD, idempotencyKey=""), "REQUIRED", "idempotencyKey"),
    ("ada", nothing, PAY, card(number="4242 4242 4242 4241"), "CARD_INVALID", "card"),
    ("ada", nothing, PAY, card(number="4" * 60_000), "CARD_INVALID", "card"),
    ("ada", nothing, PAY, card(expiryMonth=0), "CARD_INVALID", "card"),
    ("ada", nothing, PAY, card(expiryYear=2020), "CARD_INVALID", "card"),
    ("ada", nothing, PAY, card(expiryYear=2**31 - 1), "CARD_INVALID", "card"),
    ("ada", nothing, PAY, card(securityCode="12"), "CARD_INVALID", "card"),
]
LATER_CASES: list[Case] = [
    ("ada", nothing, CANCEL, of("unknown"), "NOT_FOUND", "orderId"),
    ("ada", nothing, CANCEL, of("open", reason="x" * 1_001), "TOO_LONG", "reason"),
    ("ada", parcel_leaves, CANCEL, of("paid"), "ORDER_NOT_CANCELLABLE", "orderId"),
    ("clerk", nothing, REFUND, of("unknown"), "NOT_FOUND", "orderId"),
    ("clerk", nothing, REFUND, of("open"), "ORDER_NOT_REFUNDABLE", "orderId"),
    ("clerk", nothing, REFUND, of("paid", amount="0"), "OUT_OF_RANGE", "amount"),
    ("clerk", nothing, REFUND, of("paid", amount="-1"), "OUT_OF_RANGE", "amount"),
    ("clerk", nothing, REFUND, of("paid", amount="0.001"), "TOO_MANY_DECIMALS", "amount"),
    ("clerk", nothing, REFUND, of("paid", amount="10.01"), "REFUND_TOO_LARGE", "amount"),
    ("clerk", nothing, REFUND, of("paid", amount="999999999999999999"), "OUT_OF_RANGE", "amount"),
    ("clerk", nothing, REFUND, of("paid", reason="x" * 1_001), "TOO_LONG", "reason"),
    ("clerk", nothing, MOVE, move("unknown", status="PROCESSING"), "NOT_FOUND", "orderId"),
    ("clerk", nothing, MOVE, move("open", status="PAID"), "STATUS_NOT_SETTABLE", "status"),
    ("clerk", nothing, MOVE, move("open", status="SHIPPED"), "STATUS_NOT_ALLOWED", "status"),
    ("clerk", nothing, MOVE, move("paid", status="PROCESSING", comment="x" * 1_001), "TOO_LONG", "comment"),
    ("clerk", nothing, MOVE, move("paid", status="SHIPPED", trackingNumber="x" * 999), "TOO_LONG", "trackingNumber"),
]


CASES = [*CART_CASES, *CHECKOUT_CASES, *PAYMENT_CASES, *LATER_CASES]


@pytest.mark.parametrize(
    ("who", "prepare", "query", "variables", "code", "field"),
    CASES,
    ids=[f"{number} {who}: {prepare.__name__}, {code}" for number, (who, prepare, _, _, code, _) in enumerate(CASES)],
)
async def test_an_invalid_purchase_is_refused_with_its_path_and_changes_nothing(
    scene: Scene, site: Site, who: str, prepare: Prepare, query: str, variables: Variables, code: str, field: str
) -> None:
    await prepare(scene)
    before = await stored(scene)
    answer = await site.ask(query, getattr(scene, who), **variables(scene))
    assert "errors" not in answer, answer
    ((payload),) = answer["data"].values()
    (error,) = payload["errors"]
    assert (error["code"], (error["path"] or ["input", ""])[1]) == (code, field), error
    assert len(error["message"]) > 10
    assert [value for name, value in payload.items() if name != "errors" and value is not None] == []
    assert [text for text in NEVER_RETURNED if text in str(answer)] == []
    assert await stored(scene) == before


async def stored(scene: Scene) -> dict[str, str]:
    """All that is stored but that a key was used and refused, and the number that the order would have had."""
    found = await contents(scene.shop.owner, scene.shop.company_id)
    return {table: digest for table, digest in found.items() if table not in {"idempotency_keys", "order_counters"}}
