"""Coupons over HTTP: staff manage them and their codes, buyers enter codes in their carts."""

from typing import Any

import pytest

from tests.gateway.graphql.cart.conftest import line, make_shirt
from tests.gateway.graphql.cart.operations import ADD
from tests.gateway.graphql.promotion.conftest import CREATE as CREATE_PROMOTION
from tests.gateway.graphql.promotion.conftest import make_category, make_product, make_promotion, ten
from tests.gateway.site import Site

COUPON = """id name code type discountValue isActive usageLimit usageCount usageLimitPerUser
  minimumAmount { amount } maximumDiscount { amount currency } products { id } excludedCategories { id }"""
CREATE = f"mutation ($input: CouponCreateInput!) {{ couponCreate(input: $input) {{ coupon {{ {COUPON} }} \
errors {{ code message path }} }} }}"
UPDATE = f"mutation ($input: CouponUpdateInput!) {{ couponUpdate(input: $input) {{ coupon {{ {COUPON} }} \
errors {{ code message path }} }} }}"
DELETE = "mutation ($input: CouponDeleteInput!) { couponDelete(input: $input) { deletedId errors { code path } } }"
GENERATE = """mutation ($input: CouponCodesGenerateInput!) {
  couponCodesGenerate(input: $input) { count errors { code path } } }"""
ADD_CODES = """mutation ($input: CouponCodesAddInput!) {
  couponCodesAdd(input: $input) { count errors { code message path } } }"""
SWITCH = """mutation ($input: CouponCodesUpdateInput!) {
  couponCodesUpdate(input: $input) { codes { code isActive } errors { code path } } }"""
DELETE_CODES = """mutation ($input: CouponCodesDeleteInput!) {
  couponCodesDelete(input: $input) { deletedIds errors { code path } } }"""
ONE = f"query ($id: ID!) {{ coupon(id: $id) {{ {COUPON} }} }}"
LIST = """query ($filter: CouponFilterInput, $search: String) {
  coupons(filter: $filter, search: $search) { totalCount nodes { name products { id } excludedProducts { id } } } }"""
CODES = """query ($id: ID!) {
  couponCodes(couponId: $id) { totalCount nodes { id code usageCount usageLimit isActive coupon { name } } } }"""
USAGES = """query ($id: ID!) {
  couponUsages(couponId: $id) { nodes { orderId email discountAmount { amount currency } releasedAt
  code { code } } } }"""
VALIDATE = """mutation ($input: PromoCodeValidateInput!) {
  promoCodeValidate(input: $input) { promotion { id } coupon { name code } needsConfirmedEmail
    errors { message } } }"""
TOTALS = """totals { total { amount } discounts { sourceType promotionId couponId code amount { amount } }
  refused { sourceType couponId code reason } }"""
APPLY = f"mutation ($input: CartPromotionApplyInput!) {{ cartPromotionApply(input: $input) {{ cart {{ {TOTALS} }} \
errors {{ code message }} }} }}"
REMOVE = f"mutation ($input: CartCouponRemoveInput!) {{ cartCouponRemove(input: $input) {{ cart {{ {TOTALS} }} \
errors {{ code path }} }} }}"
CART = f"{{ cart {{ {TOTALS} }} }}"


def five(**given: Any) -> dict[str, Any]:
    """An input for five percent off with the code FIVE by default."""
    return {"name": "Five", "code": "FIVE", "type": "PERCENTAGE", "discountValue": "5", **given}


async def make_coupon(shop: Site, **given: Any) -> Any:
    return (await shop.do(CREATE, "admin", **five(**given)))["coupon"]


async def test_staff_create_and_change_a_coupon_with_targets(shop: Site) -> None:
    category = await make_category(shop)
    product = await make_product(shop, name="Shirt", categoryId=category, basePrice="20.00")
    made = await make_coupon(
        shop, productIds=[product["id"]], excludedCategoryIds=[category], maximumDiscount="9.5", usageLimit=7
    )
    assert (made["products"], made["excludedCategories"]) == ([{"id": product["id"]}], [{"id": category}])
    assert made["maximumDiscount"] == {"amount": "9.50", "currency": "EUR"}
    changed = (await shop.do(UPDATE, "admin", id=made["id"], excludedCategoryIds=[], name="Fifth"))["coupon"]
    assert (changed["name"], changed["excludedCategories"], changed["usageLimit"]) == ("Fifth", [], 7)
    assert changed["products"] == [{"id": product["id"]}]
    assert (await shop.data(ONE, "admin", id=made["id"]))["coupon"]["name"] == "Fifth"


async def test_a_page_of_coupons_executes_a_constant_number_of_statements(shop: Site) -> None:
    category = await make_category(shop)
    product = await make_product(shop, name="Shirt", categoryId=category, basePrice="20.00")
    costs = []
    for code in ("A", "B"):
        await make_coupon(shop, code=code, excludedProductIds=[product["id"]])
        found = (await shop.data(LIST, "admin"))["coupons"]
        costs.append(shop.count.data)
    assert (costs, found["totalCount"]) == ([4, 4], 2)
    assert [node["excludedProducts"] for node in found["nodes"]] == [[{"id": product["id"]}]] * 2


async def test_staff_generate_add_switch_off_and_delete_codes(shop: Site) -> None:
    made = await make_coupon(shop, code=None)
    assert (await shop.do(GENERATE, "admin", couponId=made["id"], count=3, prefix="vip"))["count"] == 3
    assert (await shop.do(ADD_CODES, "admin", couponId=made["id"], codes="one\ntwo"))["count"] == 2
    refused = await shop.refused(ADD_CODES, "admin", couponId=made["id"], codes="x;X, y")
    assert refused == {
        "code": "CODES_REPEATED",
        "message": "The code 'X' is more than once in the list. Give each code once.",
        "path": ["input", "codes"],
    }
    found = (await shop.data(CODES, "admin", id=made["id"]))["couponCodes"]
    assert found["totalCount"] == 5
    ids = {node["code"]: node["id"] for node in found["nodes"]}
    assert {code[:4] for code in ids} == {"VIP-", "ONE", "TWO"}
    switched = (await shop.do(SWITCH, "admin", ids=[ids["ONE"]], isActive=False))["codes"]
    assert switched == [{"code": "ONE", "isActive": False}]
    assert (await shop.do(DELETE_CODES, "admin", ids=[ids["TWO"]]))["deletedIds"] == [ids["TWO"]]
    assert (await shop.data(LIST, "admin", filter={"code": "one"}))["coupons"]["totalCount"] == 1


async def test_a_code_of_a_coupon_is_not_given_to_a_promotion_nor_the_other_way(shop: Site) -> None:
    unique = await make_coupon(shop, code=None)
    await make_coupon(shop)
    await shop.do(ADD_CODES, "admin", couponId=unique["id"], codes="VIP-1")
    promotion = await make_promotion(shop)
    for code in ("five", "vip-1"):
        refused = await shop.refused(CREATE_PROMOTION, "admin", **ten(code=code))
        assert (refused["code"], refused["path"]) == ("PROMOTION_CODE_TAKEN", ["input", "code"])
    refused = await shop.refused(CREATE, "admin", **five(code="ten"))
    assert (refused["code"], refused["path"]) == ("DISCOUNT_CODE_TAKEN", ["input", "code"])
    refused = await shop.refused(ADD_CODES, "admin", couponId=unique["id"], codes="NEW TEN")
    assert (refused["code"], refused["path"]) == ("DISCOUNT_CODE_TAKEN", ["input", "codes"])
    assert (await shop.data(LIST, "admin"))["coupons"]["totalCount"] == 2
    assert (await shop.data(CODES, "admin", id=unique["id"]))["couponCodes"]["totalCount"] == 1
    assert promotion["code"] == "TEN"


async def test_ten_thousand_codes_fit_into_one_request(shop: Site) -> None:
    made = await make_coupon(shop, code=None)
    codes = "\n".join(f"SUMMER-{number:012}" for number in range(10_000))
    assert (await shop.do(ADD_CODES, "admin", couponId=made["id"], codes=codes))["count"] == 10_000


async def test_a_cart_shows_coupons_beside_promotions_and_loses_them(shop: Site) -> None:
    await make_promotion(shop)
    coupon, unique = await make_coupon(shop), await make_coupon(shop, name="Vip", code=None, discountValue="50")
    await shop.do(ADD_CODES, "admin", couponId=unique["id"], codes="VIP-1 VIP-2")
    await shop.do(ADD, "customer", **line(await make_shirt(shop)))
    for code in ("ten", "five", "vip-1"):
        applied = (await shop.do(APPLY, "customer", code=code))["cart"]["totals"]
        assert shop.count.data <= 4
    by_code = {each["code"]: each for each in applied["discounts"]}
    assert (by_code["TEN"]["sourceType"], by_code["TEN"]["couponId"]) == ("PROMOTION", None)
    assert by_code["VIP-1"] == {
        "sourceType": "COUPON",
        "promotionId": None,
        "couponId": unique["id"],
        "code": "VIP-1",
        "amount": {"amount": "8.55"},
    }
    assert applied["total"] == {"amount": "8.55"}
    assert (await shop.data(CART, "customer"))["cart"]["totals"] == applied
    assert shop.count.data == 4
    applied = (await shop.do(APPLY, "customer", code="VIP-2"))["cart"]["totals"]
    assert {each["code"] for each in applied["discounts"]} == {"TEN", "FIVE", "VIP-2"}
    left = (await shop.do(REMOVE, "customer", couponId=unique["id"]))["cart"]["totals"]
    assert {each["code"] for each in left["discounts"]} == {"TEN", "FIVE"}
    error = await shop.refused(REMOVE, "customer", couponId=unique["id"])
    assert error == {"code": "NOT_FOUND", "path": ["input", "couponId"]}
    await shop.do(UPDATE, "admin", id=coupon["id"], isActive=False)
    refused = (await shop.data(CART, "customer"))["cart"]["totals"]["refused"]
    assert refused == [
        {"sourceType": "COUPON", "couponId": coupon["id"], "code": "FIVE", "reason": "It is not active."}
    ]


async def test_codes_of_coupons_are_checked_like_those_of_promotions(shop: Site) -> None:
    unique = await make_coupon(shop, code=None, minimumAmount="10")
    await shop.do(ADD_CODES, "admin", couponId=unique["id"], codes="VIP-1")
    found = (await shop.data(VALIDATE, input={"code": "vip-1", "subtotal": "10"}))["promoCodeValidate"]
    assert found == {
        "promotion": None,
        "coupon": {"name": "Five", "code": None},
        "needsConfirmedEmail": False,
        "errors": [],
    }
    too_low = (await shop.data(VALIDATE, input={"code": "vip-1", "subtotal": "9"}))["promoCodeValidate"]
    reason = "The code 'vip-1' does not apply: It needs a purchase of at least 10.00 EUR."
    assert (too_low["coupon"], too_low["errors"]) == (None, [{"message": reason}])
    unknown = await shop.data(VALIDATE, "stranger", input={"code": "VIP-1"})
    assert unknown["promoCodeValidate"]["errors"] == [
        {"message": "The code 'VIP-1' does not apply: There is no such code."}
    ]


async def test_codes_are_exported_to_staff_alone(shop: Site) -> None:
    made = await make_coupon(shop, code=None)
    await shop.do(ADD_CODES, "admin", couponId=made["id"], codes="ONE")
    for who, status in ((None, 401), ("customer", 403), ("editor", 403)):
        assert (await shop.send("GET", who, "/export/coupon-codes.csv")).status_code == status
    answer = await shop.send("GET", "admin", f"/export/coupon-codes.csv?couponId={made['id']}")
    assert answer.text.split("\r\n")[1].startswith("Five,ONE,0,1,yes,")
    assert (await shop.send("GET", "stranger", "/export/coupon-codes.csv")).text.count("\r\n") == 1
    assert (await shop.send("GET", "admin", "/export/coupon-codes.csv?couponId=1")).status_code == 400
    assert (await shop.send("GET", "admin", "/export/coupon-codes.csv?coupon=1")).status_code == 400


async def operations(shop: Site) -> list[tuple[str, dict[str, Any]]]:
    """Everything that staff do with a coupon that has unique codes."""
    made = await make_coupon(shop, code=None)
    await shop.do(ADD_CODES, "admin", couponId=made["id"], codes="ONE")
    (code,) = (await shop.data(CODES, "admin", id=made["id"]))["couponCodes"]["nodes"]
    return [
        (UPDATE, {"input": {"id": made["id"], "name": "Mine"}}),
        (DELETE, {"input": {"id": made["id"]}}),
        (GENERATE, {"input": {"couponId": made["id"], "count": 1}}),
        (ADD_CODES, {"input": {"couponId": made["id"], "codes": "TWO"}}),
        (SWITCH, {"input": {"ids": [code["id"]], "isActive": False}}),
        (DELETE_CODES, {"input": {"ids": [code["id"]]}}),
        (ONE, {"id": made["id"]}),
        (CODES, {"id": made["id"]}),
        (USAGES, {"id": made["id"]}),
        (LIST, {}),
        (CREATE, {"input": five(code="NEW")}),
    ]


async def stored(owner: Any, shop: Site) -> list[Any]:
    return [
        await owner.fetch(f"select * from {table} where company_id = $1 order by id", shop.company_id)  # noqa: S608
        for table in ("coupons", "coupon_codes", "coupon_products", "coupon_categories")
    ]


@pytest.mark.parametrize(
    ("who", "code"),
    [(None, "UNAUTHENTICATED"), ("customer", "FORBIDDEN"), ("editor", "FORBIDDEN"), ("clerk", "FORBIDDEN")],
)
async def test_managing_coupons_requires_the_permission(shop: Site, owner: Any, who: str | None, code: str) -> None:
    queries = await operations(shop)
    before = await stored(owner, shop)
    for query, variables in queries:
        assert await shop.denied(query, who, **variables) == code
    assert await stored(owner, shop) == before


async def test_coupons_of_another_company_are_not_found(shop: Site, owner: Any) -> None:
    queries = await operations(shop)
    before = await stored(owner, shop)
    for query, variables in queries[:6]:
        (payload,) = (await shop.data(query, "stranger", **variables)).values()
        assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"], query
    assert (await shop.data(ONE, "stranger", **queries[6][1]))["coupon"] is None
    assert (await shop.data(CODES, "stranger", **queries[7][1]))["couponCodes"]["totalCount"] == 0
    assert (await shop.data(USAGES, "stranger", **queries[8][1]))["couponUsages"]["nodes"] == []
    assert (await shop.data(LIST, "stranger"))["coupons"]["totalCount"] == 0
    assert await stored(owner, shop) == before
