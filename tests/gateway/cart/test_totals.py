"""What a cart comes to through GraphQL, and what asking for it costs."""

from typing import Any

from tests.gateway.cart.conftest import line, make_shirt
from tests.gateway.cart.operations import ADD
from tests.gateway.shop import Shop

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
TERMS = """mutation { companySettingsUpdate(input: {taxRate: "0.19", pricesIncludeTax: false, flatShipping: "4.90",
  freeShippingThreshold: "100"}) { errors { code } } }"""
HIDE = "mutation ($id: UUID!) { productUnpublish(input: {id: $id}) { errors { code } } }"


def plain(totals: Any) -> dict[str, str]:
    return {name: value["amount"] for name, value in totals.items() if isinstance(value, dict)}


async def test_lines_shipping_and_tax_add_up(shop: Shop, shirt: Any) -> None:
    assert (await shop.data(TERMS, "admin"))["companySettingsUpdate"]["errors"] == []
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


async def test_what_is_off_sale_costs_nothing(shop: Shop, shirt: Any) -> None:
    other = await make_shirt(shop, "Other")
    for each in (shirt, other):
        await shop.data(ADD, "customer", input=line(each))
    await shop.data(HIDE, "admin", id=shirt["id"])
    cart = (await shop.data(CART, "customer"))["cart"]
    assert plain(cart["totals"])["total"] == "20.00"
    assert [item["totals"] is None for item in cart["items"]] == [True, False]


async def test_an_addition_with_the_total_in_its_answer_is_cheap(shop: Shop, shirt: Any) -> None:
    counts = []
    for who in (None, "customer", "customer"):
        answer = (await shop.data(ADD_WITH_TOTAL, who, input=line(shirt)))["cartItemAdd"]
        counts.append((shop.count.data, answer["cart"]["totals"]["total"]["amount"]))
    assert counts == [(7, "20.00"), (6, "20.00"), (6, "40.00")]
    assert max(count for count, _ in counts) <= 10
