"""Totals of carts through GraphQL, and the number of statements."""

from decimal import Decimal
from typing import Any

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.promotion.models import DiscountType, NewPromotion, PromotionType
from domains.promotion.rate_limit import WRONG_CODES
from tests.domains.shipping.zones import flat_rate
from tests.gateway.graphql.cart.conftest import line, make_shirt
from tests.gateway.graphql.cart.operations import ADD, CARTS
from tests.gateway.site import Site

TOTALS = """
fragment Figures on Cart { totals {
  subtotal { amount } discount { amount } shipping { amount } shippingDiscount { amount } tax { amount }
  total { amount currency } discounts { code amount { amount } explanation } refused { code reason } } }
"""
CART = (
    TOTALS
    + "{ cart { ...Figures items { quantity totals { subtotal { amount } tax { amount } total { amount } } } } }"
)
ADD_WITH_TOTAL = (
    TOTALS
    + """mutation ($input: CartItemAddInput!) { cartItemAdd(input: $input) {
  cartToken cart { ...Figures items { quantity name totals { total { amount } } } } errors { code } } }"""
)
TERMS = """mutation { companySettingsUpdate(input: {taxRate: "0.19", pricesIncludeTax: false}) {
  errors { code } } }"""
HIDE = "mutation ($id: ID!) { productUnpublish(input: {id: $id}) { errors { code } } }"

APPLY = (
    TOTALS
    + """mutation ($input: CartPromotionApplyInput!) { cartPromotionApply(input: $input) {
  cart { ...Figures items { totals { discounts { amount { amount } explanation } } } } errors { code path } } }"""
)
REMOVE = (
    TOTALS
    + """mutation ($input: CartPromotionRemoveInput!) { cartPromotionRemove(input: $input) {
  cart { ...Figures } errors { code path } } }"""
)


async def promote(shop: Site, code: str | None) -> str:
    """Ten per cent off everything; the promotion's id."""
    given: NewPromotion = {
        "name": "A tenth",
        "code": code,
        "type": PromotionType.SEASONAL,
        "discount_type": DiscountType.PERCENTAGE,
        "discount_value": Decimal(10),
        "is_automatic": code is None,
    }
    made = await shop.database.run(
        lambda tx: shop.services.promotion.create_promotion(tx, given), Actor.system(shop.company_id)
    )
    return str(made.id)


def plain(totals: Any) -> dict[str, str]:
    return {name: value["amount"] for name, value in totals.items() if isinstance(value, dict)}


async def test_totals_add_lines_shipping_and_tax(shop: Site, shirt: Any) -> None:
    assert (await shop.data(TERMS, "admin"))["companySettingsUpdate"]["errors"] == []
    staff = Actor.system(shop.company_id)
    await shop.database.run(lambda tx: flat_rate(shop.services.shipping, tx, "4.90", "100"), staff)
    await shop.data(ADD, "customer", input=line(shirt, 2))
    await shop.data(ADD, "customer", input=line(shirt, 1, size=1))
    cart = (await shop.data(CART, "customer"))["cart"]
    assert plain(cart["totals"]) == {
        "subtotal": "60.00",
        "discount": "0.00",
        "shipping": "4.90",
        "shippingDiscount": "0.00",
        "tax": "11.40",
        "total": "76.30",
    }
    assert cart["totals"]["total"]["currency"] == "EUR"
    assert [plain(item["totals"]) for item in cart["items"]] == [
        {"subtotal": "40.00", "tax": "7.60", "total": "47.60"},
        {"subtotal": "20.00", "tax": "3.80", "total": "23.80"},
    ]


async def test_a_line_that_is_off_sale_costs_nothing(shop: Site, shirt: Any) -> None:
    other = await make_shirt(shop, "Other")
    for each in (shirt, other):
        await shop.data(ADD, "customer", input=line(each))
    await shop.data(HIDE, "admin", id=shirt["id"])
    cart = (await shop.data(CART, "customer"))["cart"]
    assert plain(cart["totals"])["total"] == "20.00"
    assert [item["totals"] is None for item in cart["items"]] == [True, False]


async def test_a_code_is_explained_per_line_and_can_be_removed(shop: Site, shirt: Any) -> None:
    promotion = await promote(shop, "TENTH")
    for size in (0, 1):
        await shop.data(ADD, "customer", input=line(shirt, 1, size))
    applied = (await shop.data(APPLY, "customer", input={"code": "tenth"}))["cartPromotionApply"]
    assert applied["errors"] == []
    assert plain(applied["cart"]["totals"])["total"] == "36.00"
    (discount,) = applied["cart"]["totals"]["discounts"]
    assert (discount["code"], discount["amount"]["amount"]) == ("TENTH", "4.00")
    by_line = [item["totals"]["discounts"] for item in applied["cart"]["items"]]
    assert [[each["amount"]["amount"] for each in discounts] for discounts in by_line] == [["2.00"], ["2.00"]]
    assert all(each["explanation"] for discounts in by_line for each in discounts)
    removed = (await shop.data(REMOVE, "customer", input={"promotionId": promotion}))["cartPromotionRemove"]
    assert plain(removed["cart"]["totals"])["total"] == "40.00"
    again = (await shop.data(REMOVE, "customer", input={"promotionId": promotion}))["cartPromotionRemove"]
    assert again["errors"] == [{"code": "NOT_FOUND", "path": ["input", "promotionId"]}]


async def test_a_wrong_code_is_refused_and_attempts_are_limited(shop: Site, shirt: Any) -> None:
    await promote(shop, "TENTH")
    await shop.data(ADD, "customer", input=line(shirt))
    codes = [
        (await shop.data(APPLY, "customer", input={"code": f"GUESS{number}"}))["cartPromotionApply"]["errors"]
        for number in range(WRONG_CODES.limit)
    ]
    assert codes == [[{"code": "PROMO_CODE_INVALID", "path": ["input", "code"]}]] * WRONG_CODES.limit
    right = (await shop.data(APPLY, "customer", input={"code": "TENTH"}))["cartPromotionApply"]
    assert [error["code"] for error in right["errors"]] == ["RATE_LIMITED"]


async def test_the_promotion_of_another_cart_cannot_be_removed(shop: Site, shirt: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt))
    removed = (await shop.data(REMOVE, "customer", input={"promotionId": str(new_id())}))["cartPromotionRemove"]
    assert [error["code"] for error in removed["errors"]] == ["NOT_FOUND"]


async def test_totals_of_many_carts_execute_as_many_statements_as_of_one(shop: Site, shirt: Any) -> None:
    query = CARTS.replace("nodes { id", "nodes { totals { total { amount } } id")
    counts = []
    for who in ("customer", "editor", "clerk"):
        await shop.data(ADD, who, input=line(shirt))
        await shop.data(query, "admin")
        counts.append(shop.count.data)
    assert counts == [7, 7, 7]


async def test_adding_with_the_totals_executes_at_most_ten_statements(shop: Site, shirt: Any) -> None:
    """Two to add, one to make a user's cart, one for what is in it, two for promotions and buyer (or new terms).

    The terms of the company are read by the first and remembered.
    One keeps the total that was shown, if it is a new one.
    """
    await promote(shop, None)
    counts = []
    for who in (None, "customer", "customer"):
        answer = (await shop.data(ADD_WITH_TOTAL, who, input=line(shirt)))["cartItemAdd"]
        counts.append((shop.count.data, answer["cart"]["totals"]["total"]["amount"]))
    assert counts == [(6, "18.00"), (7, "18.00"), (6, "36.00")]
    await shop.data(CART, "customer")
    assert shop.count.data == 4
    assert max(count for count, _ in counts) <= 10


async def test_a_code_is_added_with_the_total_that_is_shown(shop: Site, shirt: Any, owner: Any) -> None:
    """Three statements: the cart with the promotions, the buyer, the code with the total; else one more for it."""
    stored = "select quoted_total from carts where company_id = $1 and user_id is not null"
    document = APPLY.replace("totals { discounts { amount { amount } explanation } }", "quantity")
    certain = document, document.removeprefix(TOTALS).replace("...Figures", "... { totals { total { amount } } }")
    unsure = document.replace("cart { ...Figures", "cart { ...Figures @include(if: true)")
    hidden = document.removeprefix(TOTALS).replace("...Figures", "id")
    await shop.data(ADD, "customer", input=line(shirt))
    for number, (text, statements, total) in enumerate(
        [(certain[0], 3, "18.00"), (certain[1], 3, "16.20"), (unsure, 4, "14.58"), (hidden, 3, "14.58")]
    ):
        await promote(shop, f"TENTH-{number}")
        applied = (await shop.data(text, "customer", input={"code": f"tenth-{number}"}))["cartPromotionApply"]
        assert applied["errors"] == []
        assert shop.count.data == statements
        row = await owner.fetchval(stored, shop.company_id)
        assert (number, f"{row:.2f}") == (number, total)
