"""The statements of a cart and of a purchase with taxes of two rates, a coupon and a bundle."""

from decimal import Decimal
from typing import Any

from domains.kernel.actor import Actor
from domains.promotion.coupons.models import CouponType
from domains.promotion.models import DiscountType
from gateway.graphql.company.settings import update_settings
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import PAY, ordering, paying
from tests.gateway.site import Site

ADD = "mutation ($input: CartItemsAddInput!) { cartItemsAdd(input: $input) { cartToken errors { code } } }"
APPLY = "mutation ($input: CartPromotionApplyInput!) { cartPromotionApply(input: $input) { errors { code } } }"
TAXES = "taxes { name rate taxable { amount } amount { amount } }"
DISCOUNTS = "discounts { sourceType name code amount { amount } explanation }"
SHOW = f"""query ($token: String) {{ cart(cartToken: $token) {{ itemCount
  items {{ quantity product {{ name }} totals {{ subtotal {{ amount }} total {{ amount }} {TAXES} {DISCOUNTS} }} }}
  totals {{ subtotal {{ amount }} discount {{ amount }} tax {{ amount }} total {{ amount }} {TAXES} {DISCOUNTS}
    refused {{ code reason }} }} }} }}"""
CREATE = """mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id total { amount } } orderToken errors { code message } } }"""


async def test_a_cart_and_an_order_with_two_rates_a_coupon_and_a_bundle(shop: Storefront, site: Site) -> None:
    guest = Actor.anonymous(shop.company_id)
    goods = await _sell(shop)
    lines = [{"productId": str(product.id), "quantity": 1} for product in goods]
    counts = []
    await site.data(SHOW, guest)  # what is remembered is read once
    added = (await site.data(ADD, guest, input={"items": lines}))["cartItemsAdd"]
    counts.append(site.count.data)
    token = added["cartToken"]
    applied = await site.data(APPLY, guest, input={"code": "MARKET", "cartToken": token})
    counts.append(site.count.data)
    assert applied["cartPromotionApply"]["errors"] == []
    cart = (await site.data(SHOW, guest, token=token))["cart"]
    assert site.count.data <= 6
    _require_figures(cart)
    made = (await site.data(CREATE, guest, **ordering(cartToken=token, email="g@example.com")))["orderCreate"]
    counts.append(site.count.data)
    assert (made["errors"], made["order"]["total"]) == ([], {"amount": "28.60"})
    paid = (await site.data(PAY, guest, **paying(made["order"]["id"], orderToken=made["orderToken"])))["orderPay"]
    counts.append(site.count.data)
    assert (paid["errors"], paid["order"]["status"]) == ([], "PAID")
    assert sum(counts) <= 16, counts
    assert await shop.broken() == []


async def _sell(shop: Storefront) -> list[Any]:
    """Two products of two rates, a bundle of both, and a coupon of a tenth, at most 5.00."""
    await shop.run(
        lambda tx: update_settings(shop.services, tx, shop.system, {"tax_country": "GB", "tax_rate": Decimal(0)})
    )
    full = await shop.tax_class("FULL", Decimal("0.20"))
    reduced = await shop.tax_class("REDUCED", Decimal("0.05"))
    goods = [
        await shop.stock("A", 5, "24.00", tax_class_id=full),
        await shop.stock("B", 5, "10.50", tax_class_id=reduced),
    ]
    items = [{"quantity": 1, "product_ids": [product.id]} for product in goods]
    await shop.promotion(
        name="Pair",
        code=None,
        is_automatic=True,
        priority=5,
        discount_type=DiscountType.BUNDLE,
        rules=[{"bundle": {"items": items, "amount_off": Decimal("2.50")}}],
    )
    coupon: Any = {
        "name": "Market",
        "code": "MARKET",
        "type": CouponType.PERCENTAGE,
        "discount_value": Decimal(20),
        "maximum_discount": Decimal("3.40"),
        "usage_limit": 100,
        "usage_limit_per_user": 1,
    }
    await shop.run(lambda tx: shop.services.promotion.coupons.create(tx, coupon))
    return goods


def _require_figures(cart: Any) -> None:
    totals = cart["totals"]
    assert [(each["sourceType"], each["name"], each["amount"]["amount"]) for each in totals["discounts"]] == [
        ("PROMOTION", "Pair", "2.50"),
        ("COUPON", "Market", "3.40"),
    ]
    assert (totals["subtotal"]["amount"], totals["discount"]["amount"]) == ("34.50", "5.90")
    assert (totals["total"]["amount"], totals["refused"]) == ("28.60", [])
    assert [(tax["name"], Decimal(tax["rate"])) for tax in totals["taxes"]] == [
        ("VAT", Decimal("0.2")),
        ("VAT", Decimal("0.05")),
    ]
    for item in cart["items"]:
        discounts = sum(Decimal(each["amount"]["amount"]) for each in item["totals"]["discounts"])
        paid = Decimal(item["totals"]["subtotal"]["amount"]) - discounts
        assert paid == Decimal(item["totals"]["total"]["amount"])
