"""Permissions of orders; a denied call changes nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order.models import Order
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import (
    ADDRESS,
    CANCEL,
    CREATE,
    DETAIL,
    MARK,
    MOVE,
    PAY,
    REFUND,
    key,
    paying,
)
from tests.gateway.site import Site

UPDATE = Grant(PermissionResource.ORDERS, PermissionAction.UPDATE)
READ = Grant(PermissionResource.ORDERS, PermissionAction.READ)
MANAGE = Grant(PermissionResource.ORDERS, PermissionAction.MANAGE)
Variables = Callable[[Order], dict[str, Any]]
TABLES = ("orders", "order_status_history", "payments", "refunds", "reservations", "inventory_items")


def prepared_order(**fields: Any) -> Variables:
    return lambda order: {"input": {"orderId": str(order.id), **fields}}


OPERATIONS: list[tuple[str, str, Variables]] = [
    ("orderPay", PAY, lambda order: paying(order.id, idempotencyKey="k")),
    ("orderCancel", CANCEL, prepared_order(idempotencyKey="k")),
    ("orderRefund", REFUND, prepared_order(idempotencyKey="k")),
    ("orderMarkPaid", MARK, prepared_order(reference="r")),
    ("orderStatusUpdate", MOVE, prepared_order(status="PROCESSING")),
    ("order", DETAIL, lambda order: {"id": str(order.id)}),
]


def actors(shop: Storefront, other_company: UUID) -> dict[str, Actor]:
    def member(*grants: Grant) -> Actor:
        return Actor(ActorKind.USER, shop.company_id, user_id=new_id(), grants=frozenset(grants))

    return {
        "guest": Actor.anonymous(shop.company_id),
        "customer": member(),
        "wrong role": member(Grant(PermissionResource.PRODUCTS, PermissionAction.MANAGE)),
        "reader": member(READ),
        "updater": member(UPDATE),
        "other tenant": administrator(other_company),
    }


# Besides the buyer: who gets through to the order, by operation.
ALLOWED = {
    "orderPay": {"updater"},
    "orderCancel": {"updater"},
    "orderRefund": set[str](),
    "orderMarkPaid": set[str](),
    "orderStatusUpdate": {"updater"},
    "order": {"reader"},
}


async def contents(shop: Storefront) -> dict[str, list[Any]]:
    return {
        table: await shop.owner.fetch(
            f"select * from {table} where company_id = $1 order by id",  # noqa: S608 - names of this file
            shop.company_id,
        )
        for table in TABLES
    }


@pytest.mark.parametrize(("name", "query", "variables"), OPERATIONS, ids=[name for name, _, _ in OPERATIONS])
async def test_an_unpermitted_actor_gets_not_found_and_changes_nothing(
    shop: Storefront, site: Site, other_company: UUID, name: str, query: str, variables: Variables
) -> None:
    await shop.stock("A", 5)
    order = await shop.buy(await shop.customer(), ("A", 1))
    before = await contents(shop)
    for who, actor in actors(shop, other_company).items():
        if who in ALLOWED[name]:
            continue
        answer = await site.ask(query, actor, **variables(order))
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        payload = (answer.get("data") or {}).get(name)
        if payload and "errors" in payload:
            codes += [error["code"] for error in payload["errors"]]
            payload = payload["order"]
        assert payload is None, (who, answer)
        assert set(codes) <= {"NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"}, (who, answer)
        assert await contents(shop) == before, who


async def test_a_permitted_actor_succeeds(shop: Storefront, site: Site, other_company: UUID) -> None:
    await shop.stock("A", 5)
    ada, everybody = await shop.customer(), actors(shop, other_company)
    clerk = await shop.staff()
    order = await shop.buy(ada, ("A", 1))
    for actor in (ada, clerk, everybody["reader"]):
        assert (await site.data(DETAIL, actor, id=str(order.id)))["order"]["id"] == str(order.id)
    for actor, query, field, variables in (
        (ada, PAY, "orderPay", paying(order.id)),
        (clerk, MOVE, "orderStatusUpdate", prepared_order(status="PROCESSING")(order)),
        (clerk, REFUND, "orderRefund", prepared_order(idempotencyKey=key(), amount="1")(order)),
        (ada, CANCEL, "orderCancel", prepared_order(idempotencyKey=key())(order)),
    ):
        payload = (await site.data(query, actor, **variables))[field]
        assert (payload["errors"], payload["order"]["id"]) == ([], str(order.id))


async def test_the_history_names_the_actor_for_staff_only(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    ada, clerk = await shop.customer(), await shop.staff()
    order = await shop.buy(ada, ("A", 1))
    query = "query ($id: ID!) { order(id: $id) { statusHistory { toStatus changedBy } } }"
    seen = await site.ask(query, ada, id=str(order.id))
    assert seen["data"]["order"]["statusHistory"] == [{"toStatus": "PENDING", "changedBy": None}]
    assert [error["extensions"]["code"] for error in seen["errors"]] == ["FORBIDDEN"]
    for_staff = await site.data(query, clerk, id=str(order.id))
    assert for_staff["order"]["statusHistory"][0]["changedBy"] == str(ada.user_id)


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"shippingAddress": None}, "REQUIRED", ["input", "shippingAddress"]),
        ({"shippingAddressId": str(new_id())}, "INVALID", ["input", "shippingAddress"]),
        ({"shippingAddress": ADDRESS | {"country": "??"}}, "INVALID", ["input", "shippingAddress", "country"]),
        ({"billingAddressId": str(new_id())}, "NOT_FOUND", ["input", "billingAddressId"]),
        ({"idempotencyKey": " "}, "REQUIRED", ["input", "idempotencyKey"]),
        ({"idempotencyKey": "k" * 201}, "TOO_LONG", ["input", "idempotencyKey"]),
        ({"expectedTotal": "9.99"}, "PRICE_CHANGED", ["input", "expectedTotal"]),
        ({"expectedTotal": "-10"}, "OUT_OF_RANGE", ["input", "expectedTotal"]),
        ({"notes": "n" * 1_001}, "TOO_LONG", ["input", "notes"]),
    ],
)
async def test_invalid_input_is_refused_with_its_path(
    shop: Storefront, site: Site, fields: dict[str, Any], code: str, path: list[str]
) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    before = await contents(shop)
    variables = {"input": {"idempotencyKey": key(), "shippingAddress": ADDRESS, **fields}}
    (error,) = (await site.data(CREATE, ada, **variables))["orderCreate"]["errors"]
    assert (error["code"], error["path"]) == (code, path)
    assert await contents(shop) == before
