"""The ledger over HTTP: who reads it, adds accounts and posts by hand, and the statements of its lists."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.ledger.operations import (
    ACCOUNTS,
    ADJUST,
    CREATE_ACCOUNT,
    ENTRIES,
    FEE,
    NODE,
    OF_ORDER,
    OF_TRANSACTIONS,
    ONE,
    REVERSE,
    UPDATE_ACCOUNT,
    WITH_PEOPLE,
    adjustment,
    reversal,
)
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
COUNT: Final = "select count(*) from ledger_entries where company_id = $1"
NAMES: Final = "select code, name from ledger_accounts where company_id = $1 order by 1"


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    await made.stock("A", 50)
    yield made
    assert await made.broken() == []


@pytest.fixture
def boss(shop: Storefront) -> Actor:
    return administrator(shop.company_id)


def clerk(shop: Storefront, *grants: tuple[PermissionResource, PermissionAction]) -> Actor:
    return member(shop.company_id, "CLERK", 10, frozenset(Grant(resource, action) for resource, action in grants))


async def test_an_adjustment_is_posted_once_for_each_key(shop: Storefront, site: Site, boss: Actor) -> None:
    given = adjustment()
    answers = await asyncio.gather(*(site.do(ADJUST, boss, **given) for _ in range(5)))
    entry = answers[0]["entry"]
    assert entry == {
        "id": entry["id"],
        "kind": "ADJUSTMENT",
        "sourceKind": "ledger_adjustment",
        "sourceId": entry["sourceId"],
        "orderId": None,
        "reason": "Bank fee of May",
        "performedBy": str(boss.user_id),
        "bookedOn": entry["bookedOn"],
        "lines": [
            {
                "accountCode": "6000",
                "side": "DEBIT",
                "amount": {"amount": "2.50", "currency": "EUR"},
                "taxRate": None,
                "country": None,
                "subjectId": None,
                "account": {"code": "6000", "name": "Payment fees"},
            },
            {
                "accountCode": "1000",
                "side": "CREDIT",
                "amount": {"amount": "2.50", "currency": "EUR"},
                "taxRate": None,
                "country": None,
                "subjectId": None,
                "account": {"code": "1000", "name": "Bank"},
            },
        ],
    }
    assert all(answer == answers[0] for answer in answers)
    assert await shop.owner.fetchval(COUNT, shop.company_id) == 1


async def test_an_adjustment_is_reversed_once(shop: Storefront, site: Site, boss: Actor) -> None:
    entry = (await site.do(ADJUST, boss, **adjustment()))["entry"]
    given = [reversal(entry["id"]) for _ in range(4)]
    answers = await asyncio.gather(*(site.value(REVERSE, boss, input=each) for each in given))
    codes = sorted(error["code"] for answer in answers for error in answer["errors"])
    assert codes == ["ENTRY_ALREADY_REVERSED"] * 3
    (back,) = (answer["entry"] for answer in answers if answer["entry"])
    assert (back["kind"], back["reason"], back["sourceId"]) == ("ADJUSTMENT_REVERSAL", "A mistake", entry["id"])
    assert back["reverses"] == {"id": entry["id"], "reversedBy": {"id": back["id"]}}
    assert [(line["accountCode"], line["side"]) for line in back["lines"]] == [("6000", "CREDIT"), ("1000", "DEBIT")]
    (again,) = [each for each, answer in zip(given, answers, strict=True) if answer["entry"]]
    assert (await site.value(REVERSE, boss, input=again))["entry"] == back
    error = await site.refused(REVERSE, boss, **reversal(back["id"]))
    assert (error["code"], error["path"]) == ("ENTRY_NOT_REVERSIBLE", ["input", "entryId"])
    assert await shop.owner.fetchval(COUNT, shop.company_id) == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"lines": [FEE[0], {**FEE[1], "amount": "2.49"}]},
            [("ENTRY_UNBALANCED", ["input", "lines"])],
        ),
        ({"lines": FEE * 26}, [("TOO_MANY", ["input", "lines"])]),
        ({"orderId": str(new_id())}, [("NOT_FOUND", ["input", "orderId"])]),
        ({"bookedOn": "2020-01-01"}, [("OUT_OF_RANGE", ["input", "bookedOn"])]),
        (
            {
                "reason": " ",
                "lines": [
                    {"account": "0", "side": "DEBIT", "amount": "0"},
                    {"account": "2100", "side": "CREDIT", "amount": "0.001", "taxRate": "2", "country": "Mars"},
                ],
            },
            [
                ("NOT_FOUND", ["input", "lines", "0", "account"]),
                ("OUT_OF_RANGE", ["input", "lines", "0", "amount"]),
                ("ACCOUNT_NOT_ADJUSTABLE", ["input", "lines", "1", "account"]),
                ("TOO_MANY_DECIMALS", ["input", "lines", "1", "amount"]),
                ("OUT_OF_RANGE", ["input", "lines", "1", "taxRate"]),
                ("INVALID", ["input", "lines", "1", "country"]),
                ("REQUIRED", ["input", "reason"]),
            ],
        ),
    ],
)
async def test_a_wrong_adjustment_is_refused_at_its_fields(
    shop: Storefront, site: Site, boss: Actor, given: dict[str, Any], expected: list[tuple[str, list[str]]]
) -> None:
    payload = await site.value(ADJUST, boss, input=adjustment(**given))
    assert [(error["code"], error["path"]) for error in payload["errors"]] == expected
    assert payload["entry"] is None
    assert await shop.owner.fetchval(COUNT, shop.company_id) == 0


async def test_the_difference_of_an_unbalanced_entry_is_data(shop: Storefront, site: Site, boss: Actor) -> None:
    error = await site.refused(ADJUST, boss, **adjustment([FEE[0], {**FEE[1], "amount": "4"}]))
    assert (error["difference"], error["currency"]) == ("-1.50", "EUR")
    assert error["message"].endswith("Debits and credits differ by 1.50 EUR.")
    assert await shop.owner.fetchval(COUNT, shop.company_id) == 0


async def test_accounts_are_added_renamed_and_listed_with_their_sums(
    shop: Storefront, site: Site, boss: Actor
) -> None:
    made = (await site.do(CREATE_ACCOUNT, boss, code="10000", name="Petty cash", type="ASSET"))["account"]
    nothing = {
        "debit": {"amount": "0.00", "currency": "EUR"},
        "credit": {"amount": "0.00"},
        "balance": {"amount": "0.00"},
    }
    assert made == {"id": made["id"], "code": "10000", "name": "Petty cash", "type": "ASSET", **nothing}
    for given, code, path in (
        ({"code": "10000"}, "LEDGER_ACCOUNT_CODE_TAKEN", ["input", "code"]),
        ({"code": "4000"}, "LEDGER_ACCOUNT_CODE_INVALID", ["input", "code"]),
        ({"code": "1200.STRIPE"}, "LEDGER_ACCOUNT_CODE_INVALID", ["input", "code"]),
        ({"name": " "}, "REQUIRED", ["input", "name"]),
    ):
        error = await site.refused(CREATE_ACCOUNT, boss, **{"code": "10001", "name": "X", "type": "ASSET", **given})
        assert (error["code"], error["path"]) == (code, path)
    await site.do(ADJUST, boss, **adjustment([{**FEE[0], "account": "10000"}, FEE[1]]))
    await site.do(UPDATE_ACCOUNT, boss, id=made["id"], name="Till")
    listed = await site.value(ACCOUNTS, boss, first=20)
    assert listed["totalCount"] == 2
    assert [(each["code"], each["name"], each["balance"]["amount"]) for each in listed["nodes"]] == [
        ("1000", "Bank", "-2.50"),
        ("10000", "Till", "2.50"),
    ]
    assert site.count.data == 3  # the page, its count, the sums
    error = await site.refused(UPDATE_ACCOUNT, boss, id=str(new_id()), name="X")
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "id"])


async def test_entries_are_listed_with_the_same_number_of_statements(
    shop: Storefront, site: Site, boss: Actor
) -> None:
    statements = []
    for number in (1, 5):
        for _ in range(number):
            posted = (await site.do(ADJUST, boss, **adjustment()))["entry"]
            await site.do(REVERSE, boss, **reversal(posted["id"]))
        listed = await site.value(ENTRIES, boss, first=20)
        statements.append(site.count.data)
    assert statements == [7, 7]  # page, count, lines, accounts, their sums, reversals, what they reverse
    assert listed["totalCount"] == 12
    assert listed["nodes"][1]["reversedBy"] == {"id": listed["nodes"][0]["id"]}
    assert listed["nodes"][0]["reverses"] == {"id": listed["nodes"][1]["id"]}
    only = await site.value(ENTRIES, boss, filter={"kinds": ["ADJUSTMENT"], "account": "6000"}, first=20)
    assert only["totalCount"] == 6
    for given, code, path in (
        ({"kinds": ["SALE"] * 21}, "TOO_MANY", ["filter", "kinds"]),
        ({"amountAtLeast": "2", "amountAtMost": "1"}, "RANGE_INVERTED", ["filter", "amountAtMost"]),
        ({"bookedFrom": "2026-01-02", "bookedThrough": "2026-01-01"}, "RANGE_INVERTED", ["filter", "bookedThrough"]),
    ):
        (error,) = (await site.ask(ENTRIES, boss, filter=given))["errors"]
        assert (error["extensions"]["code"], error["extensions"]["input"]) == (code, path)


async def test_entries_belong_to_orders_and_transactions(shop: Storefront, site: Site, boss: Actor) -> None:
    ada = await shop.customer()
    orders = [await shop.pay(ada, await shop.buy(ada, ("A", 1))) for _ in range(2)]
    await site.do(ADJUST, boss, **adjustment(orderId=str(orders[0].id)))
    found = await site.value(OF_ORDER, boss, id=str(orders[0].id))
    kinds = [each["kind"] for each in found["ledgerEntries"]]
    assert [kind for kind in kinds if kind in {"PAYMENT", "ADJUSTMENT"}] == ["PAYMENT", "ADJUSTMENT"]
    moved = (await site.value(OF_TRANSACTIONS, boss))["nodes"]
    assert site.count.data == 3  # the page, the entries, the lines
    for each, order in zip(moved, orders[::-1], strict=True):
        (entry,) = each["ledgerEntries"]
        assert [(line["accountCode"], line["side"]) for line in entry["lines"]] == [
            ("1200.MOCK", "DEBIT"),
            ("1100", "CREDIT"),
        ]
        assert {line["amount"]["amount"] for line in entry["lines"]} == {f"{order.total:.2f}"}
    only = (await site.value(ENTRIES, boss, filter={"orderId": str(orders[0].id)}, first=20))["nodes"]
    assert sorted(each["kind"] for each in only) == sorted(kinds)


async def test_people_and_orders_are_shown_to_those_who_may_see_them(
    shop: Storefront, site: Site, boss: Actor
) -> None:
    order = await shop.buy(await shop.customer(), ("A", 1))
    author = await site.account()
    posting = member(shop.company_id, "POSTING", 10, boss.grants)
    posting = Actor(posting.kind, shop.company_id, author.id, role=posting.role, grants=boss.grants)
    await site.do(ADJUST, posting, **adjustment(orderId=str(order.id)))
    (shown,) = (await site.value(WITH_PEOPLE, boss))["nodes"]
    assert shown == {
        "performedBy": str(author.id),
        "performedByUser": {"id": str(author.id)},
        "order": {"id": str(order.id), "orderNumber": order.order_number},
    }
    answer = await site.ask(WITH_PEOPLE, clerk(shop, (R.ANALYTICS, A.READ)))
    assert answer["data"]["ledgerEntries"]["nodes"] == [{"performedBy": None, "performedByUser": None, "order": None}]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


async def test_staff_with_analytics_read_and_those_who_manage_write(
    shop: Storefront, site: Site, boss: Actor, other_company: Any
) -> None:
    entry = (await site.do(ADJUST, boss, **adjustment()))["entry"]
    account = (await site.do(CREATE_ACCOUNT, boss, code="10000", name="Petty cash", type="ASSET"))["account"]
    reads: list[tuple[str, dict[str, Any]]] = [(ACCOUNTS, {}), (ENTRIES, {}), (ONE, {"id": entry["id"]})]
    writes: list[tuple[str, dict[str, Any]]] = [
        (CREATE_ACCOUNT, {"code": "10001", "name": "Theirs", "type": "ASSET"}),
        (UPDATE_ACCOUNT, {"id": account["id"], "name": "Theirs"}),
        (ADJUST, adjustment()),
        (REVERSE, reversal(entry["id"])),
    ]
    before = [await shop.owner.fetchval(COUNT, shop.company_id), await shop.owner.fetch(NAMES, shop.company_id)]
    guest, ada = Actor.anonymous(shop.company_id), await shop.customer()
    wrong = clerk(shop, (R.ORDERS, A.MANAGE), (R.SETTINGS, A.MANAGE), (R.ANALYTICS, A.EXPORT))
    reader = clerk(shop, (R.ANALYTICS, A.READ))
    for who, code in ((guest, "UNAUTHENTICATED"), (ada, "FORBIDDEN"), (wrong, "FORBIDDEN")):
        for text, variables in reads:
            assert await site.denied(text, who, **variables) == code
        for id_ in (entry["id"], account["id"]):
            assert await site.value(NODE, who, id=id_) is None
    for who, code in ((guest, "UNAUTHENTICATED"), (ada, "FORBIDDEN"), (wrong, "FORBIDDEN"), (reader, "FORBIDDEN")):
        for text, given in writes:
            assert await site.denied(text, who, input=given) == code
    theirs = administrator(other_company)
    for text, given in (writes[1], writes[3]):
        assert (await site.refused(text, theirs, **given))["code"] == "NOT_FOUND"
    assert (await site.value(ONE, theirs, id=entry["id"]), (await site.value(ENTRIES, theirs))["nodes"]) == (None, [])
    assert await site.value(NODE, theirs, id=entry["id"]) is None
    assert before == [
        await shop.owner.fetchval(COUNT, shop.company_id),
        await shop.owner.fetch(NAMES, shop.company_id),
    ]
    assert (await site.value(ONE, reader, id=entry["id"]))["kind"] == "ADJUSTMENT"
    assert (await site.value(NODE, reader, id=entry["id"]))["__typename"] == "LedgerEntry"
    assert (await site.value(NODE, reader, id=account["id"]))["__typename"] == "LedgerAccount"


async def test_buyers_do_not_see_the_entries_of_their_orders(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    answer = await site.ask(OF_ORDER, ada, id=str(order.id))
    assert answer["data"]["order"] == {"id": str(order.id), "ledgerEntries": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
