"""Notes and holds of orders over HTTP: staff, the buyer and a guest, refusals, and the statements of lists."""

from typing import Any

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import PermissionAction as A
from domains.kernel.permissions import PermissionResource as R
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import CREATE, key, ordering
from tests.gateway.graphql.payment.gift_cards.test_gift_cards import clerk
from tests.gateway.site import Site

ADD = """mutation ($input: OrderNoteAddInput!) { orderNoteAdd(input: $input) {
  note { id note isInternal createdBy } errors { code path } } }"""
UPDATE = """mutation ($input: OrderNoteUpdateInput!) { orderNoteUpdate(input: $input) {
  note { id note isInternal } errors { code path } } }"""
DELETE = """mutation ($input: OrderNoteDeleteInput!) { orderNoteDelete(input: $input) {
  deletedId errors { code path } } }"""
HOLD = """mutation ($input: OrderHoldInput!) { orderHold(input: $input) {
  order { id heldAt holdReason } errors { code path } } }"""
RELEASE = """mutation ($input: OrderHoldReleaseInput!) { orderHoldRelease(input: $input) {
  order { id heldAt holdReason } errors { code path } } }"""
NOTES = "query ($id: ID!) { order(id: $id) { heldAt orderNotes { note isInternal } } }"
BY_TOKEN = "query ($token: String!) { orderByToken(orderToken: $token) { heldAt orderNotes { note } } }"
REASON = "query ($id: ID!) { order(id: $id) { holdReason } }"
NODE = "query ($id: ID!) { node(id: $id) { ... on OrderNote { note } } }"
LIST = """query ($filter: OrderFilterInput) { orders(filter: $filter, first: 20) { nodes {
  id heldAt orderNotes { note } } } }"""


async def test_staff_write_notes_and_the_buyer_sees_those_for_buyers(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 9)
    ada, staff = await shop.customer(), await shop.staff()
    order = await shop.buy(ada, ("A", 2))
    given = {"idempotencyKey": key(), "orderId": str(order.id), "note": "Fragile"}
    note = (await site.do(ADD, staff, **given))["note"]
    assert (note["note"], note["isInternal"], note["createdBy"]) == ("Fragile", True, str(staff.user_id))
    assert (await site.do(ADD, staff, **given))["note"] == note  # once for its key
    show = {**given, "idempotencyKey": key(), "note": "With a bow", "isInternal": False}
    bow = (await site.do(ADD, staff, **show))["note"]
    internal, public = {"note": "Fragile", "isInternal": True}, {"note": "With a bow", "isInternal": False}
    assert (await site.value(NOTES, staff, id=str(order.id)))["orderNotes"] == [internal, public]
    assert (await site.value(NOTES, ada, id=str(order.id)))["orderNotes"] == [public]
    assert await site.value(NODE, ada, id=note["id"]) is None
    assert await site.value(NODE, ada, id=bow["id"]) == {"note": "With a bow"}
    assert await site.value(NODE, staff, id=note["id"]) == {"note": "Fragile"}
    changed = await site.do(UPDATE, staff, noteId=bow["id"], isInternal=True)
    assert changed["note"] == {"id": bow["id"], "note": "With a bow", "isInternal": True}
    assert (await site.value(NOTES, ada, id=str(order.id)))["orderNotes"] == []
    assert (await site.do(DELETE, staff, noteId=note["id"]))["deletedId"] == note["id"]
    refused = await site.refused(DELETE, staff, noteId=note["id"])
    assert refused == {"code": "NOT_FOUND", "path": ["input", "noteId"]}
    assert (await site.do(ADD, staff, **given))["note"] is None  # deleted since
    blank = await site.refused(ADD, staff, **{**given, "idempotencyKey": key(), "note": " "})
    assert blank == {"code": "REQUIRED", "path": ["input", "note"]}


async def test_a_guest_sees_the_notes_for_buyers_by_the_token(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 9)
    guest, staff = Actor.anonymous(shop.company_id), await shop.staff()
    site.cart_token = await shop.fill(guest, ("A", 1))
    created = await site.value(CREATE, **ordering(email="guest@example.com"))
    assert created["errors"] == []
    order_id = created["order"]["id"]
    for text, is_internal in (("For us", True), ("For you", False)):
        given = {"idempotencyKey": key(), "orderId": order_id, "note": text, "isInternal": is_internal}
        await site.do(ADD, staff, **given)
    held = (await site.do(HOLD, staff, orderId=order_id, reason="Fraud?"))["order"]
    assert held["holdReason"] == "Fraud?"
    seen = await site.value(BY_TOKEN, token=created["orderToken"])
    assert seen == {"heldAt": held["heldAt"], "orderNotes": [{"note": "For you"}]}


async def test_an_order_is_held_and_released(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 9)
    ada, staff = await shop.customer(), await shop.staff()
    order = await shop.buy(ada, ("A", 2))
    refused = await site.refused(RELEASE, staff, orderId=str(order.id))
    assert refused == {"code": "ORDER_NOT_ON_HOLD", "path": ["input", "orderId"]}
    held = (await site.do(HOLD, staff, orderId=str(order.id), reason="Fraud?"))["order"]
    assert held == {"id": str(order.id), "heldAt": held["heldAt"], "holdReason": "Fraud?"}
    assert (await site.value(NOTES, ada, id=str(order.id)))["heldAt"] == held["heldAt"]
    assert await site.denied(REASON, ada, id=str(order.id)) == "FORBIDDEN"
    listed = await site.value(LIST, staff, filter={"isOnHold": True})
    assert [each["id"] for each in listed["nodes"]] == [str(order.id)]
    released = (await site.do(RELEASE, staff, orderId=str(order.id)))["order"]
    assert (released["heldAt"], released["holdReason"]) == (None, None)
    assert (await site.value(LIST, staff, filter={"isOnHold": True}))["nodes"] == []
    await shop.services.order.cancel_order(shop.database, ada, order.id)
    ended = await site.refused(HOLD, staff, orderId=str(order.id), reason="Late")
    assert ended == {"code": "ORDER_NOT_HOLDABLE", "path": ["input", "orderId"]}


async def test_notes_and_holds_are_closed_to_everyone_without_the_permission(
    shop: Storefront, site: Site, other_company: Any
) -> None:
    await shop.stock("A", 9)
    ada, staff = await shop.customer(), await shop.staff()
    order = await shop.buy(ada, ("A", 2))
    written = {"idempotencyKey": key(), "orderId": str(order.id), "note": "Ours", "isInternal": False}
    note = (await site.do(ADD, staff, **written))["note"]
    wrong = clerk(shop, (R.ORDERS, A.READ), (R.USERS, A.MANAGE))
    guest, theirs = Actor.anonymous(shop.company_id), administrator(other_company)
    inputs = (
        (ADD, {**written, "idempotencyKey": str(new_id())}),
        (UPDATE, {"noteId": note["id"], "note": "Mine"}),
        (DELETE, {"noteId": note["id"]}),
        (HOLD, {"orderId": str(order.id), "reason": "No"}),
        (RELEASE, {"orderId": str(order.id)}),
    )
    for mutation, given in inputs:
        for who, refusal in ((guest, "UNAUTHENTICATED"), (ada, "FORBIDDEN"), (wrong, "FORBIDDEN")):
            assert await site.denied(mutation, who, input=given) == refusal
        assert (await site.refused(mutation, theirs, **given))["code"] == "NOT_FOUND"
    colleague = clerk(shop, (R.ORDERS, A.READ), (R.ORDERS, A.UPDATE))
    for mutation, given in inputs[1:3]:
        assert (await site.refused(mutation, colleague, **given))["code"] == "ORDER_NOTE_OF_ANOTHER"
    assert await shop.order(order.id) == order
    assert (await site.value(NOTES, ada, id=str(order.id)))["orderNotes"] == [{"note": "Ours", "isInternal": False}]


async def test_the_notes_of_a_list_are_one_statement(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 99)
    ada, staff = await shop.customer(), await shop.staff()
    counts = []
    for _ in range(3):
        order = await shop.buy(ada, ("A", 1))
        for text in ("One", "Two"):
            await site.do(ADD, staff, idempotencyKey=key(), orderId=str(order.id), note=text)
        listed = await site.value(LIST, staff)
        counts.append(site.count.data)
        assert all(len(each["orderNotes"]) == 2 for each in listed["nodes"])
    assert counts == [2, 2, 2]
