"""Customer segments over HTTP: staff keep them, customers are told nothing of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from domains.kernel.ids import new_id
from domains.role.models import SystemRole
from tests.gateway.graphql.promotion.conftest import CREATE as CREATE_PROMOTION
from tests.gateway.graphql.promotion.conftest import make_promotion, ten
from tests.gateway.graphql.promotion.test_coupons import UPDATE as UPDATE_COUPON
from tests.gateway.graphql.promotion.test_coupons import VALIDATE, make_coupon
from tests.gateway.site import Site

CREATE = """mutation ($input: CustomerSegmentCreateInput!) {
  customerSegmentCreate(input: $input) { segment { id name description conditions }
    errors { code message path } } }"""
UPDATE = """mutation ($input: CustomerSegmentUpdateInput!) {
  customerSegmentUpdate(input: $input) { segment { id name conditions } errors { code message path } } }"""
DELETE = """mutation ($input: CustomerSegmentDeleteInput!) {
  customerSegmentDelete(input: $input) { deletedId errors { code message path } } }"""
ADD = """mutation ($input: CustomerSegmentMembersAddInput!) {
  customerSegmentMembersAdd(input: $input) { segment { id } errors { code path } } }"""
REMOVE = """mutation ($input: CustomerSegmentMembersRemoveInput!) {
  customerSegmentMembersRemove(input: $input) { segment { id } errors { code path } } }"""
LIST = "{ customerSegments(first: 10) { totalCount nodes { id name conditions } } }"
ONE = "query ($id: ID!) { customerSegment(id: $id) { name } }"
MEMBERS = """query ($id: ID!) { customerSegmentMembers(segmentId: $id, first: 10) {
  nodes { segmentId userId user { id } } } }"""
SEGMENT_OF = "query ($id: ID!) { promotion(id: $id) { segmentId segment { name } } }"
SEGMENT_OF_COUPON = "query ($id: ID!) { coupon(id: $id) { segmentId segment { name } } }"
ACTIVE = "{ activePromotions { name } }"
LOYAL = {"all": [{"paidOrdersAtLeast": 5}, {"not": {"noOrderWithinDays": 90}}, {"isCustomer": True}]}


async def do(shop: Site, text: str, token: str | None = "admin", **given: Any) -> Any:
    (payload,) = (await shop.data(text, token, input=given)).values()
    return payload


async def make(shop: Site, name: str = "Loyal", conditions: Any = None) -> Any:
    made = await do(shop, CREATE, name=name, conditions=conditions or LOYAL)
    assert made["errors"] == []
    return made["segment"]


async def test_staff_keep_segments(shop: Site) -> None:
    made = await make(shop)
    assert (made["name"], made["description"], made["conditions"]) == ("Loyal", None, LOYAL)
    assert shop.count.data == 4  # the lock, the other segments, the new one, the event
    changed = await do(shop, UPDATE, id=made["id"], name="Very loyal")
    assert changed["segment"] == {"id": made["id"], "name": "Very loyal", "conditions": LOYAL}
    assert shop.count.data == 4
    within = await make(shop, "Within", {"inSegment": made["id"]})
    assert within["conditions"] == {"inSegment": made["id"]}
    listed = (await shop.data(LIST, "admin"))["customerSegments"]
    assert [node["name"] for node in listed["nodes"]] == ["Very loyal", "Within"]
    refused = await do(shop, DELETE, id=made["id"])
    assert refused["errors"] == [
        {
            "code": "SEGMENT_IN_USE",
            "message": "The segment is used by 'Within'. Change them first.",
            "path": ["input", "id"],
        }
    ]
    assert (await do(shop, DELETE, id=within["id"]))["deletedId"] == within["id"]
    assert (await shop.data(ONE, "admin", id=within["id"]))["customerSegment"] is None


async def test_invalid_conditions_are_refused_with_their_paths(shop: Site) -> None:
    made = await make(shop)
    deep: Any = {"isGuest": True}
    for _ in range(5):
        deep = {"not": deep}
    cases: list[tuple[Any, str, list[str]]] = [
        ({"any": [{"paidOrdersAtLeast": 0}]}, "OUT_OF_RANGE", ["any", "0", "paidOrdersAtLeast"]),
        ({"isGuest": False}, "INVALID", ["isGuest"]),
        ({"all": [{"isGuest": True}, {"isCustomer": True}]}, "CONDITIONS_CONTRADICT", []),
        ({"any": [{"isGuest": True}, {"inSegment": made["id"]}]}, "SEGMENT_LOOP", []),
        ({"inSegment": str(new_id())}, "NOT_FOUND", ["inSegment"]),
        (deep, "TOO_MANY", []),
        ({"any": [{"isGuest": True}] * 50}, "TOO_MANY", []),
    ]
    for conditions, code, path in cases:
        refused = await do(shop, UPDATE, id=made["id"], conditions=conditions)
        errors = [(error["code"], error["path"]) for error in refused["errors"]]
        assert errors == [(code, ["input", "conditions", *path])]
    assert (await shop.data(LIST, "admin"))["customerSegments"]["nodes"] == [
        {"id": made["id"], "name": "Loyal", "conditions": LOYAL}
    ]


async def test_a_promotion_is_for_a_segment(shop: Site) -> None:
    made = await make(shop)
    promotion = await make_promotion(shop, segmentId=made["id"])
    found = (await shop.data(SEGMENT_OF, "admin", id=promotion["id"]))["promotion"]
    assert found == {"segmentId": made["id"], "segment": {"name": "Loyal"}}
    unknown = ten(code="OTHER", segmentId=str(new_id()))
    refused = (await shop.data(CREATE_PROMOTION, "admin", input=unknown))["promotionCreate"]["errors"]
    assert [(error["code"], error["path"]) for error in refused] == [("NOT_FOUND", ["input", "segmentId"])]


async def test_an_automatic_promotion_of_a_segment_is_not_listed_for_everyone(shop: Site) -> None:
    made = await make(shop, "Lost customers", {"noOrderWithinDays": 180})
    await make_promotion(shop, name="Come back", code=None, isAutomatic=True, segmentId=made["id"])
    await make_promotion(shop, name="For all", code=None, isAutomatic=True)
    for who in (None, await shop.token(SystemRole.CUSTOMER), "admin"):
        assert await shop.value(ACTIVE, who) == [{"name": "For all"}]


async def test_a_coupon_is_for_a_segment_that_only_staff_see(shop: Site) -> None:
    made = await make(shop)
    coupon = await make_coupon(shop, code="LOYAL", segmentId=made["id"])
    found = (await shop.data(SEGMENT_OF_COUPON, "admin", id=coupon["id"]))["coupon"]
    assert found == {"segmentId": made["id"], "segment": {"name": "Loyal"}}
    refused = await do(shop, DELETE, id=made["id"])
    assert refused["errors"][0]["message"] == "The segment is used by 'Five'. Change them first."
    unknown = (await do(shop, UPDATE_COUPON, id=coupon["id"], segmentId=str(new_id())))["errors"]
    assert [(error["code"], error["path"]) for error in unknown] == [("NOT_FOUND", ["input", "segmentId"])]
    customer = await shop.token(SystemRole.CUSTOMER)
    assert (await do(shop, VALIDATE, customer, code="LOYAL"))["coupon"] is None
    assert (await do(shop, UPDATE_COUPON, id=coupon["id"], segmentId=None))["errors"] == []
    assert (await do(shop, VALIDATE, customer, code="LOYAL"))["coupon"] == {"name": "Five", "code": "LOYAL"}


async def test_a_guest_learns_that_a_code_of_loyal_customers_needs_a_confirmed_address(shop: Site) -> None:
    made = await make(shop, conditions={"paidOrdersAtLeast": 1})
    await make_coupon(shop, code="LOYAL", segmentId=made["id"])
    await make_promotion(shop, segmentId=made["id"])
    for code in ("LOYAL", "TEN"):
        found = await do(shop, VALIDATE, None, code=code)
        assert (found["needsConfirmedEmail"], found["errors"]) == (True, [])


async def test_only_customers_of_the_company_are_put_on_a_list(shop: Site) -> None:
    made, user = await make(shop, conditions={"isMember": True}), str(new_id())
    refused = await do(shop, ADD, id=made["id"], userIds=[user])
    assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["input", "userIds", "0"]}]
    me = (await shop.value("{ me { id } }", await shop.token(SystemRole.CUSTOMER)))["id"]
    assert (await do(shop, ADD, id=made["id"], userIds=[me]))["errors"] == []
    members = (await shop.data(MEMBERS, "admin", id=made["id"]))["customerSegmentMembers"]["nodes"]
    assert members == [{"segmentId": made["id"], "userId": me, "user": {"id": me}}]
    too_many = await do(shop, ADD, id=made["id"], userIds=[me] * 101)
    assert too_many["errors"] == [{"code": "TOO_MANY", "path": ["input", "userIds"]}]
    assert (await do(shop, REMOVE, id=made["id"], userIds=[me]))["errors"] == []
    assert (await shop.data(MEMBERS, "admin", id=made["id"]))["customerSegmentMembers"]["nodes"] == []


async def test_segments_are_closed_to_everyone_without_the_permission(
    shop: Site, make_site: Callable[..., Site], other_company: UUID
) -> None:
    made = await make(shop, conditions={"isMember": True})
    elsewhere = make_site(other_company)
    customer, stranger = await shop.token(SystemRole.CUSTOMER), await elsewhere.token(SystemRole.ADMIN)
    given: dict[str, dict[str, Any]] = {
        CREATE: {"name": "Other", "conditions": {"isGuest": True}},
        UPDATE: {"id": made["id"], "name": "Other"},
        ADD: {"id": made["id"], "userIds": []},
        REMOVE: {"id": made["id"], "userIds": []},
        DELETE: {"id": made["id"]},
    }
    for who, refusal in ((None, "UNAUTHENTICATED"), (customer, "FORBIDDEN")):
        for text, values in given.items():
            assert await shop.denied(text, who, input=values) == refusal
        for text, variables in ((LIST, {}), (ONE, {"id": made["id"]}), (MEMBERS, {"id": made["id"]})):
            assert await shop.denied(text, who, **variables) == refusal
    for text, values in given.items():
        if text != CREATE:
            assert (await do(elsewhere, text, stranger, **values))["errors"][0]["code"] == "NOT_FOUND"
    assert await elsewhere.value(ONE, stranger, id=made["id"]) is None
    assert (await elsewhere.value(LIST, stranger))["nodes"] == []
    assert (await elsewhere.value(MEMBERS, stranger, id=made["id"]))["nodes"] == []
    listed = (await shop.value(LIST, "admin"))["nodes"]
    assert listed == [{"id": made["id"], "name": "Loyal", "conditions": {"isMember": True}}]
