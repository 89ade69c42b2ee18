"""Store credit over HTTP: staff issue and deduct it, the customer sees it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from domains.auth.policy import require_user_id
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.payment.gift_cards.operations import DEDUCT, ISSUE, MINE, NODE, REASONS, USERS, change
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
ENTRIES: Final = "select count(*) from ledger_entries where company_id = $1"


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
def boss(shop: Storefront) -> Actor:
    return administrator(shop.company_id)


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    return await shop.customer()


def id_of(actor: Actor) -> str:
    return str(require_user_id(actor))


def clerk(shop: Storefront, *grants: tuple[PermissionResource, PermissionAction]) -> Actor:
    return member(shop.company_id, "CLERK", 10, frozenset(Grant(resource, action) for resource, action in grants))


async def test_staff_issue_and_deduct_once_for_each_key(
    shop: Storefront, site: Site, boss: Actor, ada: Actor, owner: Any
) -> None:
    assert await site.value(MINE, ada) == {"storeCredit": None}
    given = change("20", userId=id_of(ada))
    answers = await asyncio.gather(*(site.do(ISSUE, boss, **given) for _ in range(4)))
    issued = answers[0]["storeCredit"]
    assert issued == {
        "id": issued["id"],
        "userId": id_of(ada),
        "balance": {"amount": "20.00", "currency": "EUR"},
    }
    assert all(answer == answers[0] for answer in answers)
    await site.do(DEDUCT, boss, **change("5.50", userId=id_of(ada)))
    low = await site.refused(DEDUCT, boss, **change("14.51", userId=id_of(ada)))
    assert (low["code"], low["path"]) == ("BALANCE_TOO_LOW", ["input", "amount"])
    mine = (await site.value(MINE, ada))["storeCredit"]
    assert mine == {
        "id": issued["id"],
        "balance": {"amount": "14.50", "currency": "EUR"},
        "createdAt": mine["createdAt"],
        "transactions": [
            {"kind": "STORE_CREDIT_ADJUSTMENT", "amount": {"amount": "-5.50"}, "orderId": None},
            {"kind": "STORE_CREDIT_ADJUSTMENT", "amount": {"amount": "20.00"}, "orderId": None},
        ],
    }
    assert await owner.fetchval(ENTRIES, shop.company_id) == 2


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"amount": "0"}, "OUT_OF_RANGE", "amount"),
        ({"amount": "-1"}, "OUT_OF_RANGE", "amount"),
        ({"amount": "0.001"}, "TOO_MANY_DECIMALS", "amount"),
        ({"reason": " "}, "REQUIRED", "reason"),
        ({"userId": str(new_id())}, "NOT_FOUND", "userId"),
    ],
)
async def test_wrong_changes_are_refused_at_their_fields(
    shop: Storefront, site: Site, boss: Actor, ada: Actor, owner: Any, given: dict[str, Any], code: str, field: str
) -> None:
    for text in (ISSUE, DEDUCT):
        error = await site.refused(text, boss, **{**change("5", userId=id_of(ada)), **given})
        assert (error["code"], error["path"]) == (code, ["input", field])
    assert await owner.fetchval(ENTRIES, shop.company_id) == 0


async def test_the_customers_do_not_see_the_reasons_of_staff(
    shop: Storefront, site: Site, boss: Actor, ada: Actor
) -> None:
    await site.do(ISSUE, boss, **change("5", userId=id_of(ada)))
    answer = await site.ask(REASONS, ada)
    assert answer["data"]["me"]["storeCredit"]["transactions"] == [{"reason": None}]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_staff_see_the_credit_of_all_users_in_few_statements(shop: Storefront, site: Site, boss: Actor) -> None:
    for _ in range(6):
        await site.do(ISSUE, boss, **change("5", userId=id_of(await shop.customer())))
    users = (await site.value(USERS, boss))["nodes"]
    assert site.count.data == 4  # the users, their credit, its balances, its transactions
    assert [user["storeCredit"]["balance"]["amount"] for user in users if user["storeCredit"]] == ["5.00"] * 6
    assert {
        each["reason"] for user in users if user["storeCredit"] for each in user["storeCredit"]["transactions"]
    } == {"A bonus"}


async def test_only_staff_who_manage_orders_change_it_and_only_its_customer_sees_it(
    shop: Storefront, site: Site, boss: Actor, ada: Actor, other_company: Any, owner: Any
) -> None:
    credit_id = (await site.do(ISSUE, boss, **change("5", userId=id_of(ada))))["storeCredit"]["id"]
    guest, eve = Actor.anonymous(shop.company_id), await shop.customer()
    wrong = clerk(shop, (R.ORDERS, A.UPDATE), (R.USERS, A.MANAGE), (R.ANALYTICS, A.MANAGE))
    for who, refusal in ((guest, "UNAUTHENTICATED"), (ada, "FORBIDDEN"), (wrong, "FORBIDDEN")):
        for text in (ISSUE, DEDUCT):
            assert await site.denied(text, who, input=change("1", userId=id_of(ada))) == refusal
    theirs = administrator(other_company)
    for text in (ISSUE, DEDUCT):
        assert (await site.refused(text, theirs, **change("1", userId=id_of(ada))))["code"] == "NOT_FOUND"
    for who in (guest, eve, theirs, clerk(shop, (R.ORDERS, A.MANAGE))):
        assert await site.value(NODE, who, id=credit_id) is None
    for who in (ada, boss):
        assert (await site.value(NODE, who, id=credit_id))["__typename"] == "StoreCredit"
    assert await owner.fetchval(ENTRIES, shop.company_id) == 1
    assert await owner.fetchval(ENTRIES, other_company) == 0
