"""Promotions over HTTP: staff manage them, buyers enter codes."""

from typing import Any

import pytest

from domains.promotion.rate_limit import WRONG_CODES
from tests.gateway.graphql.promotion.conftest import CREATE, make_category, make_product, make_promotion, ten
from tests.gateway.site import Site

UPDATE = """mutation ($input: PromotionUpdateInput!) {
  promotionUpdate(input: $input) { promotion { name code isActive discountValue maxUsageCount }
    errors { code path } } }"""
DELETE = """mutation ($input: PromotionDeleteInput!) {
  promotionDelete(input: $input) { deletedId errors { code path } } }"""
ONE = "query ($id: ID!) { promotion(id: $id) { id code } }"
LIST = """query ($filter: PromotionFilterInput, $search: String, $sortBy: PromotionSortInput, $first: Int) {
  promotions(filter: $filter, search: $search, sortBy: $sortBy, first: $first) {
    totalCount nodes { code applicableProducts { id } applicableCategories { id } } } }"""
ACTIVE = "{ activePromotions { name code minPurchaseAmount { amount } applicableProducts { id } } }"
VALIDATE = """mutation ($input: PromoCodeValidateInput!) {
  promoCodeValidate(input: $input) { promotion { id name }
    errors { code message path ... on RateLimitedError { retryAfter } } } }"""


async def validate(shop: Site, code: str, token: str | None = None, **given: Any) -> Any:
    return (await shop.data(VALIDATE, token, input={"code": code, **given}))["promoCodeValidate"]


async def test_staff_create_a_promotion_for_products_and_categories(shop: Site) -> None:
    category = await make_category(shop)
    product = await make_product(shop, name="Shirt", categoryId=category, basePrice="20.00")
    made = await make_promotion(
        shop, minPurchaseAmount="20", productIds=[product["id"]], categoryIds=[category], maxUsageCount=5
    )
    assert made["applicableProducts"] == [{"id": product["id"]}]
    assert made["applicableCategories"] == [{"id": category}]
    assert made["minPurchaseAmount"] == {"amount": "20.00", "currency": "EUR"}
    assert (made["discountValue"], made["discountAmount"], made["currency"]) == ("10.0000", None, "EUR")
    assert (made["maxUsageCount"], made["currentUsageCount"], made["isActive"]) == (5, 0, True)
    fixed = await make_promotion(shop, code="FIVE", discountType="FIXED_AMOUNT", discountValue="5")
    assert fixed["discountAmount"] == {"amount": "5.00"}


async def test_an_invalid_promotion_is_refused_with_its_path(shop: Site) -> None:
    await make_promotion(shop)
    for given, code, field in (
        ({}, "PROMOTION_CODE_TAKEN", ["code"]),
        ({"code": "B", "discountValue": "101"}, "OUT_OF_RANGE", ["discountValue"]),
        ({"code": None}, "REQUIRED", ["code"]),
        ({"code": "B", "productIds": ["01a1fc47-b5c1-777d-9937-e80528842f8b"]}, "NOT_FOUND", ["productIds", "0"]),
    ):
        payload = (await shop.data(CREATE, "admin", input=ten(**given)))["promotionCreate"]
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, ["input", *field])]
        assert payload["promotion"] is None
    assert (await shop.data(LIST, "admin"))["promotions"]["totalCount"] == 1


async def test_fields_missing_from_a_change_are_kept(shop: Site) -> None:
    made = await make_promotion(shop, maxUsageCount=5)
    payload = (await shop.data(UPDATE, "admin", input={"id": made["id"], "isActive": False}))["promotionUpdate"]
    expected = {"name": "Ten", "code": "TEN", "isActive": False, "discountValue": "10.0000", "maxUsageCount": 5}
    assert payload == {"promotion": expected, "errors": []}
    payload = (await shop.data(UPDATE, "admin", input={"id": made["id"], "maxUsageCount": None}))["promotionUpdate"]
    assert payload["promotion"]["maxUsageCount"] is None


async def test_a_promotion_is_deleted_once(shop: Site) -> None:
    made = await make_promotion(shop)
    payload = (await shop.data(DELETE, "admin", input={"id": made["id"]}))["promotionDelete"]
    assert payload == {"deletedId": made["id"], "errors": []}
    payload = (await shop.data(DELETE, "admin", input={"id": made["id"]}))["promotionDelete"]
    assert payload["errors"] == [{"code": "NOT_FOUND", "path": ["input", "id"]}]
    assert (await shop.data(ONE, "admin", id=made["id"]))["promotion"] is None


async def test_a_page_of_promotions_executes_a_constant_number_of_statements(shop: Site) -> None:
    category = await make_category(shop)
    product = await make_product(shop, name="Shirt", categoryId=category, basePrice="20.00")
    targets = {"productIds": [product["id"]], "categoryIds": [category]}
    await make_promotion(shop, **targets)
    await shop.data(LIST, "admin")
    assert shop.count.data == 6
    for code in ("A", "B", "C"):
        await make_promotion(shop, code=code, **targets)
    found = (await shop.data(LIST, "admin", sortBy={"field": "CREATED_AT", "direction": "ASC"}))["promotions"]
    assert shop.count.data == 6
    assert [node["code"] for node in found["nodes"]] == ["TEN", "A", "B", "C"]
    assert found["totalCount"] == 4
    assert [node["applicableProducts"] for node in found["nodes"]] == [[{"id": product["id"]}]] * 4


async def test_staff_filter_and_search_promotions(shop: Site) -> None:
    await make_promotion(shop, name="Winter")
    await make_promotion(shop, name="Summer", code="SUN", isAutomatic=True, isActive=False)

    async def codes(**asked: Any) -> list[str]:
        return [node["code"] for node in (await shop.data(LIST, "admin", **asked))["promotions"]["nodes"]]

    assert await codes(sortBy={"field": "NAME", "direction": "ASC"}) == ["SUN", "TEN"]
    assert await codes(filter={"isActive": True}) == ["TEN"]
    assert await codes(filter={"isAutomatic": True, "type": "SEASONAL"}) == ["SUN"]
    assert await codes(filter={"discountType": "FREE_SHIPPING"}) == []
    assert await codes(search="wint") == ["TEN"]
    assert await codes(search="su") == ["SUN"]


async def test_active_promotions_are_public_without_codes(shop: Site) -> None:
    await make_promotion(shop)
    await make_promotion(shop, code=None, name="All", isAutomatic=True)
    await make_promotion(shop, code=None, name="Ended", isAutomatic=True, endDate="2026-11-21T11:00:00Z",
                         startDate="2026-11-21T10:00:00Z")  # fmt: skip
    for who in (None, "customer", "admin"):
        active = (await shop.data(ACTIVE, who))["activePromotions"]
        assert active == [{"name": "All", "code": None, "minPurchaseAmount": None, "applicableProducts": []}]
    assert shop.count.data == 2
    assert (await shop.data(ACTIVE, "stranger"))["activePromotions"] == []


async def test_a_valid_code_returns_its_promotion(shop: Site) -> None:
    made = await make_promotion(shop, minPurchaseAmount="20.00")
    assert await validate(shop, " ten ") == {"promotion": {"id": made["id"], "name": "Ten"}, "errors": []}
    assert shop.count.data == 1
    assert (await validate(shop, "TEN", "customer", subtotal="20"))["errors"] == []
    assert shop.count.data == 2
    for who, code, subtotal, reason in (
        (None, "TEN", "19.99", "The code 'TEN' does not apply: It needs a purchase of at least 20.00 EUR."),
        ("customer", "TENN", None, "The code 'TENN' does not apply: There is no such code."),
        ("stranger", "TEN", None, "The code 'TEN' does not apply: There is no such code."),
    ):
        payload = await validate(shop, code, who, subtotal=subtotal)
        assert payload["promotion"] is None
        assert [(error["code"], error["message"]) for error in payload["errors"]] == [("PROMO_CODE_INVALID", reason)]


async def test_attempts_at_codes_are_rate_limited_even_with_a_valid_one(shop: Site) -> None:
    await make_promotion(shop)
    for number in range(WRONG_CODES.limit):
        assert (await validate(shop, f"GUESS-{number}"))["errors"][0]["code"] == "PROMO_CODE_INVALID"
    payload = await validate(shop, "TEN")
    assert payload["promotion"] is None
    assert [(error["code"], error["retryAfter"]) for error in payload["errors"]] == [("RATE_LIMITED", 600)]


async def changed(owner: Any, shop: Site) -> list[Any]:
    rows: list[Any] = await owner.fetch("select * from promotions where company_id = $1", shop.company_id)
    return rows


@pytest.mark.parametrize(
    ("who", "code"),
    [(None, "UNAUTHENTICATED"), ("customer", "FORBIDDEN"), ("editor", "FORBIDDEN"), ("clerk", "FORBIDDEN")],
)
async def test_managing_promotions_requires_the_permission(
    shop: Site, owner: Any, who: str | None, code: str
) -> None:
    made = await make_promotion(shop)
    before = await changed(owner, shop)
    for query, variables in (
        (CREATE, {"input": ten(code="NEW")}),
        (UPDATE, {"input": {"id": made["id"], "name": "Mine"}}),
        (DELETE, {"input": {"id": made["id"]}}),
        (LIST, {}),
        (ONE, {"id": made["id"]}),
    ):
        answer = await shop.ask(query, who, **variables)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert await changed(owner, shop) == before


async def test_promotions_of_another_company_are_not_found(shop: Site, owner: Any) -> None:
    made = await make_promotion(shop)
    before = await changed(owner, shop)
    update = (await shop.data(UPDATE, "stranger", input={"id": made["id"], "name": "Mine"}))["promotionUpdate"]
    delete = (await shop.data(DELETE, "stranger", input={"id": made["id"]}))["promotionDelete"]
    assert [payload["errors"][0]["code"] for payload in (update, delete)] == ["NOT_FOUND", "NOT_FOUND"]
    assert (await shop.data(ONE, "stranger", id=made["id"]))["promotion"] is None
    assert (await shop.data(LIST, "stranger"))["promotions"]["totalCount"] == 0
    assert await changed(owner, shop) == before


async def test_usage_counts_of_promotions_are_for_staff(shop: Site) -> None:
    await make_promotion(shop, code=None, isAutomatic=True)
    answer = await shop.ask("{ activePromotions { name currentUsageCount maxUsageCount } }", "customer")
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
    assert answer["data"] == {"activePromotions": [{"name": "Ten", "currentUsageCount": None, "maxUsageCount": None}]}
