"""`node` and `nodes`: every type with an id is found by actors who may see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.promotion.coupons.models import CouponType, NewCoupon
from domains.role.models import SystemRole
from gateway.graphql.core.schema import build_schema, domain_nodes
from tests.domains.payment.saved_methods.wallet import Wallet
from tests.gateway.graphql.core.fulfilled_orders import fulfil, send_back
from tests.gateway.graphql.order.operations import PAY, REFUND, key, paying
from tests.gateway.graphql.payment.gift_cards.operations import ISSUE, change
from tests.gateway.sample_shop import CART_ITEM, CODE, ORDER, create_objects, user_tokens
from tests.gateway.site import Site

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
ATTRIBUTES = """mutation ($input: ProductUpdateInput!) {
  productUpdate(input: $input) { product { id } errors { code message } } }"""
MEMBERS = """mutation ($input: CustomerSegmentMembersAddInput!) {
  customerSegmentMembersAdd(input: $input) { segment { id } errors { code message } } }"""
EDIT = "mutation ($input: OrderEditInput!) { orderEdit(input: $input) { order { id } errors { code message } } }"
TRACK = "mutation ($input: ActivityTrackInput!) { activityTrack(input: $input) { tracked errors { code } } }"
CATALOG = {"Category", "CategoryAttribute", "Product", "ProductAttribute", "ProductVariant", "Review"}
OWN = {
    "Address",
    "Cart",
    "CartItem",
    "Invoice",
    "Notification",
    "Order",
    "OrderAddress",
    "OrderAdjustment",
    "OrderItem",
    "OrderNote",
    "OrderPromotion",
    "OrderStatusHistory",
    "Payment",
    "ProductStockAlert",
    "PushDevice",
    "Refund",
    "ReturnItem",
    "ReturnRefund",
    "ReturnRequest",
    "SavedPaymentMethod",
    "Session",
    "Shipment",
    "StoreCredit",
    "User",
}
DOMAIN_NODES = domain_nodes()
ALL = {each.shown_as.__name__ for each in DOMAIN_NODES}


@dataclass(frozen=True)
class Scene:
    """A shop, the id of one object of every type, and its actors."""

    site: Site
    ids: Mapping[str, str]
    admin: str
    customer: str

    def __post_init__(self) -> None:
        assert len(set(self.ids.values())) == len(self.ids), "objects of two types have one id"

    async def seen(self, who: str | None, site: Site | None = None) -> set[str]:
        """The types of the objects that an actor finds by `node` and by `nodes`."""
        asked = site or self.site
        alone = {name for name, each in self.ids.items() if await self._node(asked, who, each) == name}
        found = await asked.value(NODES, who, ids=list(self.ids.values()))
        together = {each["__typename"] for each in found if each}
        assert [each["id"] for each in found if each] == [each for name, each in self.ids.items() if name in alone]
        assert together == alone
        return alone

    @staticmethod
    async def _node(site: Site, who: str | None, id: str) -> str | None:
        found = await site.value(NODE, who, id=id)
        return None if found is None else str(found["__typename"])


async def one_of_each(owner: Any, company_id: UUID, customer_id: str) -> dict[str, str]:
    """The id of one object of each type, the customer's where it belongs to a person."""
    ids: dict[str, str] = {}
    for each in DOMAIN_NODES:
        table = each.table.name
        columns = [
            row["column_name"]
            for row in await owner.fetch(
                "select column_name from information_schema.columns where table_name = $1", table
            )
        ]
        conditions = ["company_id = $1"] if "company_id" in columns else ["$1::uuid is not null"]
        conditions += (
            ["user_id = $2"] if "user_id" in columns and table != "activity_logs" else ["$2::uuid is not null"]
        )
        conditions += ["id = $2"] if table == "users" else []
        conditions += ["id = $1"] if table == "companies" else []
        conditions += ["cart_id in (select id from carts where user_id = $2)"] if table == "cart_items" else []
        where = " and ".join(conditions)
        statement = f"select id from {table} where {where} order by id limit 1"  # noqa: S608 - names of tables
        found = await owner.fetchval(statement, company_id, UUID(customer_id))
        assert found is not None, table
        ids[each.shown_as.__name__] = str(found)
    return ids


def actor_of(site: Site, user_id: str) -> Actor:
    """A user without permissions."""
    return Actor(ActorKind.USER, site.company_id, user_id=UUID(user_id))


@pytest.fixture
async def scene(make_site: Callable[..., Site], owner: Any) -> Scene:
    site = make_site()
    admin, customer = await user_tokens(site)
    made = await create_objects(site, admin, customer)
    attributes = [{"name": "Fit", "value": "Slim"}]
    await site.do(ATTRIBUTES, admin, id=made["product"], attributes=attributes)
    line = {"productId": made["product"], "variantId": made["variant"]}
    await site.value(CART_ITEM, customer, **line)
    await site.value(CODE, customer, code="SPRING")
    coupon = NewCoupon(name="One off", type=CouponType.PERCENTAGE, discount_value=Decimal(1))
    coupons, staff = site.services.promotion.coupons, Actor.system(site.company_id)
    given = await site.database.run(lambda tx: coupons.create(tx, coupon), staff)
    await site.database.run(lambda tx: coupons.codes.add(tx, given.id, ["ONE-1"]), staff)
    await site.value(CODE, customer, code="ONE-1")
    order = (await site.value(ORDER, customer, key=str(new_id())))["order"]
    await site.do(EDIT, admin, idempotencyKey=key(), orderId=order["id"], addLines=[{**line, "quantity": 1}])
    assert (await site.value(PAY, customer, **paying(order["id"])))["errors"] == []
    await site.do(REFUND, admin, idempotencyKey=key(), orderId=order["id"], amount="1")
    await fulfil(site, UUID(order["id"]))
    await send_back(site, UUID(order["id"]))
    await site.value(CART_ITEM, customer, **line)
    await Wallet(site.database, actor_of(site, made["user"]), site.services.payment).save()
    await site.do(MEMBERS, admin, id=made["segment"], userIds=[made["user"]])
    await site.do(ISSUE, admin, **change("5", userId=made["user"]))
    viewed = {"action": "PRODUCT_VIEW", "resource": made["product"]}
    await site.do(TRACK, customer, activities=[viewed])
    return Scene(site, await one_of_each(owner, site.company_id, made["user"]), admin, customer)


def test_every_type_with_an_id_is_a_node_that_can_be_found() -> None:
    schema = build_schema().graphql
    node = schema.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    with_id = {
        name for name, kind in schema.type_map.items() if isinstance(kind, GraphQLObjectType) and "id" in kind.fields
    }
    assert {kind.name for kind in schema.get_possible_types(node)} == with_id == ALL
    assert len(ALL) == len(DOMAIN_NODES)


async def test_each_actor_finds_the_nodes_that_they_may_see(
    scene: Scene, make_site: Callable[..., Site], other_company: UUID
) -> None:
    assert await scene.seen(None) == CATALOG
    assert await scene.seen(scene.customer) == CATALOG | OWN
    assert await scene.seen(await scene.site.token(SystemRole.CUSTOMER)) == CATALOG
    assert await scene.seen(scene.admin) == ALL - {"Session", "PushDevice"}
    elsewhere = make_site(other_company)
    assert await scene.seen(await elsewhere.token(SystemRole.ADMIN), elsewhere) == {"Permission"}


async def test_a_draft_and_its_relations_are_visible_to_staff_only(scene: Scene) -> None:
    await scene.site.do(ATTRIBUTES, scene.admin, id=scene.ids["Product"], isActive=False)
    assert await scene.seen(None) == CATALOG - {"Product", "ProductAttribute", "ProductVariant"}
    assert {"Product", "ProductAttribute", "ProductVariant"} <= await scene.seen(scene.admin)


async def test_a_guests_cart_is_found_only_with_its_token(scene: Scene) -> None:
    added = """mutation ($input: CartItemAddInput!) {
      cartItemAdd(input: $input) { cart { id items { id } } cartToken errors { code } } }"""
    made = await scene.site.do(added, productId=scene.ids["Product"], variantId=scene.ids["ProductVariant"])
    ids = [made["cart"]["id"], made["cart"]["items"][0]["id"]]
    assert await scene.site.value(NODES, ids=ids) == [None, None]
    scene.site.cart_token = made["cartToken"]
    assert [each["__typename"] for each in await scene.site.value(NODES, ids=ids)] == ["Cart", "CartItem"]


async def test_an_object_is_refetched_with_the_fields_of_its_type(scene: Scene) -> None:
    query = """query ($id: ID!) { node(id: $id) { id ... on Product { name variants { id product { name } } }
      ... on Order { orderNumber } } }"""
    found = await scene.site.value(query, id=scene.ids["Product"])
    assert found == {
        "id": scene.ids["Product"],
        "name": "A shirt",
        "variants": [{"id": scene.ids["ProductVariant"], "product": {"name": "A shirt"}}],
    }
    assert scene.site.count.data == 3  # where the id is, the product, the products of its variants


async def test_several_ids_are_found_together(scene: Scene) -> None:
    orders = [scene.ids[name] for name in ("Order", "OrderItem", "OrderStatusHistory")]
    unknown = str(new_id())
    found = await scene.site.value(NODES, scene.customer, ids=[unknown, *orders, orders[0]])
    assert [each and each["__typename"] for each in found] == [
        None,
        "Order",
        "OrderItem",
        "OrderStatusHistory",
        "Order",
    ]


async def test_at_most_a_hundred_ids_are_accepted(site: Site) -> None:
    assert await site.value(NODES, ids=[str(new_id()) for _ in range(100)]) == [None] * 100
    assert site.count.data == 1
    assert await site.denied(NODES, ids=[str(new_id()) for _ in range(101)]) == "TOO_MANY"


async def test_the_cost_of_nodes_grows_with_the_number_of_ids(site: Site) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { variants { id } } } }"
    one, many = [
        (await site.ask(query, ids=[str(new_id()) for _ in range(count)]))["extensions"]["cost"]["requested"]
        for count in (1, 50)
    ]
    assert many == 50 * one
    literal = f'{{ nodes(ids: ["{new_id()}", "{new_id()}"]) {{ ... on Product {{ variants {{ id }} }} }} }}'
    assert (await site.ask(literal))["extensions"]["cost"]["requested"] == 2 * one
