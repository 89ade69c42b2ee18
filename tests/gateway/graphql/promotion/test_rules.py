"""Rules and statuses of promotions over HTTP."""

from typing import Any

from tests.gateway.graphql.promotion.conftest import CREATE, make_category, make_product, ten
from tests.gateway.site import Site

RULES = """{ ruleType priority
  buyXGetY { buy { quantity categories { id } } get { quantity products { id } } percentage timesPerOrder }
  bundle { items { quantity products { id } variants { id } categories { id } } price percentage amountOff }
  volumeDiscount { scope tiers { fromQuantity percentage amountOffPerUnit unitPrice } } }"""
READ = f"""{{ promotions(first: 2, sortBy: {{field: CREATED_AT, direction: ASC}}) {{
  nodes {{ code buyQuantity rules {RULES} }} }} }}"""
UPDATE = f"""mutation ($input: PromotionUpdateInput!) {{ promotionUpdate(input: $input) {{
  promotion {{ status isActive buyQuantity getQuantity rules {RULES} }} errors {{ code message path }} }} }}"""
LIST = "query ($status: PromotionStatus!) { promotions(filter: {status: $status}) { nodes { code status } } }"


async def created(shop: Site, **given: Any) -> Any:
    return (await shop.data(CREATE, "admin", input=ten(discountValue=None) | given))["promotionCreate"]


async def update(shop: Site, id: str, **given: Any) -> Any:
    return (await shop.data(UPDATE, "admin", input={"id": id, **given}))["promotionUpdate"]


def kit(*items: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"discountType": "BUNDLE", "rules": [{"bundle": {"items": list(items), **given}}]}


async def test_rules_are_shown_with_what_they_name_in_a_constant_number_of_statements(shop: Site) -> None:
    category = await make_category(shop)
    product = await make_product(shop, name="Shirt", categoryId=category, basePrice="20.00")
    shirts = {"quantity": 2, "productIds": [product["id"]], "categoryIds": [category]}
    await created(shop, code="KIT", **kit(shirts, price="25.00"))
    await shop.data(READ, "admin")
    statements = shop.count.data
    assert (await created(shop, code="KIT2", **kit(shirts, {"quantity": 1}, amountOff="3")))["errors"] == []
    nodes = (await shop.data(READ, "admin"))["promotions"]["nodes"]
    assert shop.count.data == statements == 4
    (rule,), (other,) = (node["rules"] for node in nodes)
    named = {"products": [{"id": product["id"]}], "variants": [], "categories": [{"id": category}]}
    assert rule == {
        "ruleType": "BUNDLE",
        "priority": 0,
        "buyXGetY": None,
        "bundle": {"items": [{"quantity": 2, **named}], "price": "25.00", "percentage": None, "amountOff": None},
        "volumeDiscount": None,
    }
    assert (other["bundle"]["amountOff"], [item["quantity"] for item in other["bundle"]["items"]]) == ("3.00", [2, 1])


async def test_a_wrong_rule_is_refused_with_its_path_and_changes_nothing(shop: Site) -> None:
    made = (await created(shop, **kit({"quantity": 2}, price="25.00")))["promotion"]
    for given, path in (
        (kit({"quantity": 0}, price="1"), ["rules", "0", "bundle", "items", "0", "quantity"]),
        (kit({"quantity": 2}, price="1", amountOff="1"), ["rules", "0", "bundle", "amountOff"]),
        (kit({"quantity": 2}, price="1", timesPerOrder=0), ["rules", "0", "bundle", "timesPerOrder"]),
        ({"rules": []}, ["rules"]),
        ({"status": "SCHEDULED"}, ["status"]),
        ({"status": "DRAFT"}, ["status"]),
    ):
        payload = await update(shop, made["id"], **given)
        assert (payload["promotion"], [error["path"] for error in payload["errors"]]) == (None, [["input", *path]])
    (node,) = (await shop.data(READ, "admin"))["promotions"]["nodes"]
    assert node["rules"][0]["bundle"]["price"] == "25.00"


async def test_quantities_are_short_for_a_rule(shop: Site) -> None:
    made = await created(shop, discountType="BUY_X_GET_Y", buyQuantity=2, getQuantity=1)
    shown = (await update(shop, made["promotion"]["id"], getQuantity=2))["promotion"]
    assert (shown["buyQuantity"], shown["getQuantity"], len(shown["rules"])) == (2, 2, 1)
    half = {"buyXGetY": {"buy": {"quantity": 2}, "get": {"quantity": 1}, "percentage": "50", "timesPerOrder": 4}}
    shown = (await update(shop, made["promotion"]["id"], rules=[half]))["promotion"]
    assert (shown["buyQuantity"], shown["getQuantity"]) == (None, None)
    assert (shown["rules"][0]["buyXGetY"]["percentage"], shown["rules"][0]["buyXGetY"]["timesPerOrder"]) == ("50", 4)


async def test_the_status_that_a_promotion_shows_is_the_one_that_lists_find(shop: Site) -> None:
    made = (await created(shop, discountType="FREE_SHIPPING", status="DRAFT"))["promotion"]
    for status in ("DRAFT", "ACTIVE", "PAUSED", "EXPIRED"):
        shown = (await update(shop, made["id"], status=status))["promotion"]
        assert (shown["status"], shown["isActive"]) == (status, status == "ACTIVE")
        listed = (await shop.data(LIST, "admin", status=status))["promotions"]["nodes"]
        assert listed == [{"code": "TEN", "status": status}]
    payload = await update(shop, made["id"], status="ACTIVE")
    assert payload["errors"] == [
        {
            "code": "PROMOTION_STATUS_NOT_ALLOWED",
            "message": "A promotion that is EXPIRED cannot become ACTIVE. Create a new promotion instead.",
            "path": ["input", "status"],
        }
    ]
