"""Settlement reports of real payments in the API: uploads, lists, differences, and who may do what."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.domains.payment.settlements.report_files import paypal as paypal_report
from tests.domains.payment.settlements.report_files import stripe as stripe_report
from tests.domains.payment.settlements.report_files import stripe_row
from tests.gateway.demo.guides.test_payment_guide import operations
from tests.gateway.graphql.payment.purchases.checkout import Checkout
from tests.gateway.graphql.payment.purchases.operations import REFUND, of_order
from tests.gateway.graphql.payment.settlements.operations import (
    BALANCES,
    COUNT,
    DIFFERENCES,
    IMPORTERS,
    LINES,
    NODE,
    RECONCILE,
    REPORT,
    REPORTS,
    RESOLVE,
    upload,
)
from tests.gateway.providers.paypal.fake_orders import payments_of

A, R = PermissionAction, PermissionResource
MANAGER: Final = (Grant(R.ANALYTICS, A.MANAGE), Grant(R.ORDERS, A.READ), Grant(R.USERS, A.READ))
CHARGES: Final = "select count(*) from settlement_reports where company_id = $1"


def staff_of(checkout: Checkout, *grants: Grant, company_id: UUID | None = None) -> Actor:
    return member(company_id or checkout.shop.company_id, "CLERK", 10, frozenset(grants))


async def paid_at_stripe(checkout: Checkout) -> tuple[str, dict[str, Any]]:
    """The id of an order that was paid with 10.00, and the charge at Stripe."""
    order_id, payment = await checkout.paid_by_stripe()
    charge: dict[str, Any] = (await checkout.intent(payment["id"]))["latest_charge"]
    return order_id, charge


def charge_row(charge: dict[str, Any], number: int = 1, amount: str = "10.00") -> str:
    at = datetime.fromtimestamp(charge["created"])  # noqa: DTZ006 - written without an offset
    return stripe_row(f"txn_{number}", "charge", amount, "0.54", charge["id"], at=at)


@pytest.fixture
async def charged(checkout: Checkout) -> dict[str, Any]:
    """A charge at Stripe that paid an order."""
    await checkout.connect("STRIPE")
    return (await paid_at_stripe(checkout))[1]


async def test_a_report_of_stripe_explains_what_was_paid_refunded_and_disputed(checkout: Checkout) -> None:
    await checkout.connect("STRIPE")
    order_id, charge = await paid_at_stripe(checkout)
    await checkout.site.do(REFUND, checkout.staff, **of_order(order_id, adjustment="4.00"))
    await checkout.deliver_stripe()
    _, second = await paid_at_stripe(checkout)
    dispute = await checkout.stripe.dispute(second["payment_intent"], "needs_response")
    await checkout.deliver_stripe()
    (refund,) = (await checkout.stripe.call("GET", "/v1/refunds", {"charge": charge["id"]}))["data"]
    rows = [
        charge_row(charge, 1),
        stripe_row("txn_2", "refund", "-4.00", source=refund["id"]),
        charge_row(second, 3),
        stripe_row("txn_4", "dispute", "-10.00", "15.00", dispute["id"]),
        stripe_row("txn_5", "payout", "-1.00", source="po_1"),
    ]
    manager = staff_of(checkout, *MANAGER)
    response = await upload(checkout, stripe_report(*rows), manager)
    told = response.json()
    assert (response.status_code, told["isNew"], told["openDifferenceCount"]) == (201, True, 0)
    (report,) = (await checkout.site.value(REPORTS, manager))["nodes"]
    assert report == {
        "id": told["id"],
        "provider": "STRIPE",
        "lineCount": 5,
        "repeatedCount": 0,
        "gross": {"amount": "5.00"},
        "fee": {"amount": "16.08"},
        "net": {"amount": "-11.08", "currency": "EUR"},
        "openDifferenceCount": 0,
    }
    lines = await checkout.site.value(LINES, manager, id=told["id"])
    assert [(line["type"], line["transaction"] and line["transaction"]["type"]) for line in lines["nodes"]] == [
        ("CHARGE", "CHARGE"),
        ("REFUND", "REFUND"),
        ("CHARGE", "CHARGE"),
        ("CHARGEBACK", "CHARGEBACK"),
        ("PAYOUT", None),
    ]
    balances = {each["provider"]: each for each in await checkout.site.value(BALANCES, manager)}
    assert balances["STRIPE"] == {
        "provider": "STRIPE",
        "balance": {"amount": "-11.08"},
        "reported": {"amount": "-11.08"},
        "unreconciled": {"amount": "0.00"},
    }
    again = await upload(checkout, stripe_report(*rows), manager)
    assert (again.status_code, again.json()) == (200, {**told, "isNew": False})


async def test_a_report_of_paypal_explains_what_was_captured_refunded_and_disputed(checkout: Checkout) -> None:
    await checkout.connect("PAYPAL")
    captures, references = [], []
    for _ in range(2):
        order_id = await checkout.order()
        payment_id = await checkout.approved_at_paypal(order_id)
        await checkout.confirm(payment_id)
        order = checkout.paypal.orders.of(payment_id)
        references.append(order)
        captures += payments_of(order, "captures")
    given = {"amount": {"currency_code": "EUR", "value": "4.00"}, "custom_id": captures[0]["custom_id"]}
    refund = checkout.paypal.orders.refund(captures[0]["id"], given)
    checkout.paypal.orders.dispute(references[1]["id"])
    await checkout.deliver_paypal()
    content = paypal_report(
        (captures[0]["id"], "T0006", 1000, 50, references[0]["id"]),
        (refund["id"], "T1107", -400, 0, captures[0]["id"]),
        (captures[1]["id"], "T0006", 1000, 50, references[1]["id"]),
        ("DISPUTE1", "T1201", -1000, 0, captures[1]["id"]),
        at=checkout.site.clock.now(),
    )
    manager = staff_of(checkout, *MANAGER)
    told = (await upload(checkout, content, manager, "provider=paypal")).json()
    assert (told["isNew"], told["lineCount"], told["net"], told["openDifferenceCount"]) == (True, 4, "5.00", 0)
    found = await checkout.site.value(REPORT, manager, id=told["id"])
    assert found["accountId"] == "MERCHANT1"


async def test_differences_are_listed_and_filtered(checkout: Checkout, charged: dict[str, Any]) -> None:
    rows = [charge_row(charged, amount="9.00"), stripe_row("txn_2", "refund", "-1.00", source="re_unknown")]
    manager = staff_of(checkout, *MANAGER)
    told = (await upload(checkout, stripe_report(*rows), manager)).json()
    found = await checkout.site.value(DIFFERENCES, manager)
    assert checkout.site.count.data == 5
    by_kind = {each["kind"]: each for each in found["nodes"]}
    differs, missing = by_kind["AMOUNT_DIFFERS"], by_kind["MISSING_HERE"]
    assert {**differs, "id": None, "transaction": None} == {
        "id": None,
        "kind": "AMOUNT_DIFFERS",
        "status": "OPEN",
        "type": "CHARGE",
        "reference": charged["id"],
        "reason": None,
        "resolvedBy": None,
        "amountHere": {"amount": "10.00", "currency": "EUR"},
        "amountReported": {"amount": "9.00", "currency": "EUR"},
        "report": {"id": told["id"]},
        "transaction": None,
    }
    assert (missing["amountHere"], missing["amountReported"]["amount"]) == (None, "-1.00")
    assert (missing["transaction"], differs["transaction"] is None) == (None, False)
    for given, expected in (
        ({"kind": ["MISSING_HERE"]}, [missing]),
        ({"status": ["RESOLVED", "CLEARED"]}, []),
        ({"provider": "PAYPAL"}, []),
        ({"ids": [differs["id"]]}, [differs]),
        ({"reportId": str(new_id())}, []),
        ({"reportId": told["id"], "kind": ["AMOUNT_DIFFERS"], "status": ["OPEN"]}, [differs]),
    ):
        page = await checkout.site.value(DIFFERENCES, manager, filter=given)
        assert (page["nodes"], page["totalCount"]) == (expected, len(expected))


async def test_a_difference_is_resolved_and_its_lines_are_filtered(
    checkout: Checkout, charged: dict[str, Any]
) -> None:
    rows = [charge_row(charged, amount="9.00"), stripe_row("txn_2", "refund", "-1.00", source="re_unknown")]
    manager = staff_of(checkout, *MANAGER)
    told = (await upload(checkout, stripe_report(*rows), manager)).json()
    (missing,) = (await checkout.site.value(DIFFERENCES, manager, filter={"kind": ["MISSING_HERE"]}))["nodes"]
    given = {"differenceId": missing["id"], "reason": " Refunded by telephone. "}
    resolved = (await checkout.site.do(RESOLVE, manager, **given))["difference"]
    assert resolved == {
        "id": missing["id"],
        "status": "RESOLVED",
        "reason": "Refunded by telephone.",
        "resolvedBy": str(manager.user_id),
    }
    refused = await checkout.site.refused(RESOLVE, manager, **given)
    assert refused == {"code": "SETTLEMENT_DIFFERENCE_CLOSED", "path": ["input", "differenceId"]}
    reconciled = await checkout.site.do(RECONCILE, manager, reportId=told["id"])
    assert reconciled["report"] == {"id": told["id"], "openDifferenceCount": 1}
    lines = await checkout.site.value(LINES, manager, id=told["id"], filter={"isDifferent": True})
    assert checkout.site.count.data == 4
    assert [line["difference"]["status"] for line in lines["nodes"]] == ["OPEN", "RESOLVED"]
    none = await checkout.site.value(
        LINES, manager, id=told["id"], filter={"types": ["CHARGE"], "isDifferent": False}
    )
    assert none == {"totalCount": 0, "nodes": []}


async def test_the_operations_of_the_guide_show_compare_and_resolve(
    checkout: Checkout, charged: dict[str, Any]
) -> None:
    shown, changing = operations("docs/settlements.md")
    content = stripe_report(charge_row(charged, amount="9.00"))
    report_id = (await upload(checkout, content, checkout.staff)).json()["id"]
    data = await checkout.site.data(shown, checkout.staff)
    (report,), (difference,) = data["settlementReports"]["nodes"], data["settlementDifferences"]["nodes"]
    assert (report["id"], report["openDifferenceCount"], difference["kind"]) == (report_id, 1, "AMOUNT_DIFFERS")
    data = await checkout.site.data(changing, checkout.staff, report=report_id, difference=difference["id"])
    assert data["settlementReportReconcile"] == {"report": {"openDifferenceCount": 1}, "errors": []}
    resolved = data["settlementDifferenceResolve"]
    assert (resolved["errors"], resolved["difference"]["status"]) == ([], "RESOLVED")


@pytest.mark.parametrize(
    ("query", "content", "status", "message"),
    [
        ("", b"", 400, "Give `?provider=STRIPE` or `?provider=PAYPAL`, and nothing else."),
        ("provider=STRIPE&dryRun=true", b"", 400, "Give `?provider=STRIPE` or `?provider=PAYPAL`, and nothing else."),
        ("provider=MOCK", b"", 400, "Settlement reports of 'MOCK' cannot be read. Give one of: PAYPAL, STRIPE."),
        ("provider=PAYPAL", stripe_report(), 400, "Line 1: A settlement report of PayPal begins with the record RH."),
        ("provider=STRIPE", stripe_report(stripe_row("t", "charge", "1", source="c")), 400, "Line 2: No payment of"),
    ],
)
async def test_refused_uploads_store_nothing(
    checkout: Checkout, query: str, content: bytes, status: int, message: str
) -> None:
    response = await upload(checkout, content, staff_of(checkout, *MANAGER), query)
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["message"].startswith(message)
    assert await checkout.shop.owner.fetchval(CHARGES, checkout.shop.company_id) == 0


@pytest.mark.parametrize("name", ["guest", "customer", "wrong role", "other company", "reader"])
async def test_a_denied_call_changes_nothing(
    checkout: Checkout, charged: dict[str, Any], other_company: UUID, name: str
) -> None:
    content = stripe_report(charge_row(charged, amount="9.00"))
    told = (await upload(checkout, content, staff_of(checkout, *MANAGER))).json()
    (difference,) = (await checkout.site.value(DIFFERENCES, staff_of(checkout, *MANAGER)))["nodes"]
    who = {
        "guest": None,
        "customer": staff_of(checkout),
        "wrong role": staff_of(checkout, Grant(R.ORDERS, A.MANAGE)),
        "other company": administrator(other_company),
        "reader": staff_of(checkout, Grant(R.ANALYTICS, A.READ)),
    }[name]
    code = {"guest": "UNAUTHENTICATED", "other company": "NOT_FOUND"}.get(name, "FORBIDDEN")
    for mutation, given in (
        (RECONCILE, {"reportId": told["id"]}),
        (RESOLVE, {"differenceId": difference["id"], "reason": "None"}),
    ):
        answer = await checkout.site.ask(mutation, who, input=given)
        codes = [each["extensions"]["code"] for each in answer.get("errors", ())]
        codes += [each["code"] for value in (answer["data"] or {}).values() if value for each in value["errors"]]
        assert codes == [code]
    uploaded = await upload(checkout, stripe_report(charge_row(charged, 2)), who)
    assert uploaded.status_code == {"guest": 401, "other company": 400}.get(name, 403)
    sees = name == "reader"
    for query, variables in (
        (REPORT, {"id": told["id"]}),
        (NODE, {"id": told["id"]}),
        (NODE, {"id": difference["id"]}),
    ):
        data = (await checkout.site.ask(query, who, **variables))["data"] or {}
        assert [value is not None for value in data.values()] in ([sees], [])
    for query, variables in ((REPORTS, {}), (COUNT, {"id": told["id"]}), (BALANCES, {})):
        answer = await checkout.site.ask(query, who, **variables)
        denied = [each["extensions"]["code"] for each in answer.get("errors", ())]
        assert denied == ([] if name in {"reader", "other company"} else [code])
    if name == "other company":
        assert (await checkout.site.value(COUNT, who, id=told["id"])) == {"totalCount": 0}
    row = await checkout.shop.owner.fetchrow(
        "select status::text, reason from settlement_differences where id = $1", UUID(difference["id"])
    )
    assert tuple(row) == ("OPEN", None)
    assert await checkout.shop.owner.fetchval(CHARGES, checkout.shop.company_id) == 1


async def test_who_imported_a_report_is_seen_by_those_who_see_users(
    checkout: Checkout, charged: dict[str, Any]
) -> None:
    assert (await upload(checkout, stripe_report(charge_row(charged)), checkout.staff)).status_code == 201
    (seen,) = (await checkout.site.value(IMPORTERS, checkout.staff))["nodes"]
    assert seen["importedBy"] == str(checkout.staff.user_id)
    answer = await checkout.site.ask(IMPORTERS, staff_of(checkout, Grant(R.ANALYTICS, A.READ)))
    assert {each["extensions"]["code"] for each in answer["errors"]} == {"FORBIDDEN"}
