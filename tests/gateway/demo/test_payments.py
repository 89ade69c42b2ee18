"""The demo's payments: orders paid in each way, captures, refunds and a dispute, and the shop's own settings."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from domains.kernel.actor import Actor
from domains.kernel.values.money import round_half_up
from domains.payment.models import CaptureMode, PaymentStatus
from gateway.bootstrap import Platform
from gateway.demo.loader import LOGINS, Demo
from gateway.demo.orders import DAYS
from gateway.demo.payments import LATER, WAYS, Later, Way
from gateway.infra.postgres import connected

PAYMENTS = "select * from payments where order_id = $1 order by id"
TRANSACTIONS = """
select t.type::text || ' ' || t.status::text from payment_transactions t join payments p on p.id = t.payment_id
where p.order_id = $1 order by t.processed_at, t.id
"""
REFUND_LINES = """
select l.kind, l.amount, l.quantity, r.amount as whole, r.actor_kind, r.status from refund_lines l
join refunds r on r.id = l.refund_id where r.order_id = $1 order by l.kind
"""
METHODS = """
select u.email, m.brand, m.last_4, m.is_default from payment_methods m join users u on u.id = m.user_id
"""


async def order_of(connection: Any, index: int) -> asyncpg.Record:
    """The order of an index: the one that was made on its day. Those of the stories have later numbers."""
    rows = await connection.fetch("select * from orders order by right(order_number, 6) limit $1", DAYS + 1)
    order: asyncpg.Record = rows[index]
    days = (datetime.now(UTC) - order["created_at"]) / timedelta(days=1)
    assert DAYS - index <= days < DAYS - index + 1
    return order


async def paid(url: str, way: Way) -> tuple[asyncpg.Record, list[asyncpg.Record], list[str]]:
    """The order that is paid in a way, its payments, and what happened at the provider."""
    (index,) = (index for index, each in WAYS.items() if each is way)
    async with connected(url) as connection:
        order = await order_of(connection, index)
        transactions = [row[0] for row in await connection.fetch(TRANSACTIONS, order["id"])]
        return order, await connection.fetch(PAYMENTS, order["id"]), transactions


async def followed_up(url: str, later: Later) -> tuple[asyncpg.Record, list[dict[str, Any]], list[str]]:
    """The order to which something happened later, its refunds, and what happened at the provider."""
    (index,) = (index for index, each in LATER.items() if each is later)
    async with connected(url) as connection:
        order = await order_of(connection, index)
        transactions = [row[0] for row in await connection.fetch(TRANSACTIONS, order["id"])]
        refunds = [dict(row) for row in await connection.fetch(REFUND_LINES, order["id"])]
        return order, refunds, transactions


def test_each_way_to_pay_and_each_later_event_is_that_of_one_order() -> None:
    assert sorted(WAYS.values()) == sorted(Way)
    assert sorted(LATER.values()) == sorted(Later)
    assert not WAYS.keys() & LATER.keys()


@pytest.mark.parametrize("way", [Way.THREE_D_SECURE, Way.HOSTED])
async def test_a_payment_is_approved_on_the_page_of_the_provider(url: str, way: Way) -> None:
    order, (payment,), transactions = await paid(url, way)
    assert (order["payment_status"], payment["status"], payment["amount"]) == ("PAID", "SUCCEEDED", order["total"])
    assert (payment["card_last_4"] == "3220") is (way is Way.THREE_D_SECURE)
    assert payment["settled_at"] - payment["created_at"] == timedelta(minutes=2)
    assert transactions == ["CHARGE SUCCEEDED"]


async def test_the_customer_has_saved_a_method_and_paid_with_it(url: str, platform: Platform) -> None:
    order, (*declined, payment), transactions = await paid(url, Way.SAVED_METHOD)
    assert [each["status"] for each in declined] == ["FAILED"]
    assert (order["payment_status"], payment["status"], transactions) == ("PAID", "SUCCEEDED", ["CHARGE SUCCEEDED"])
    async with connected(url) as connection:
        (method,) = await connection.fetch(METHODS)
    assert tuple(method) == (LOGINS[1].email, "visa", "4242", True)
    company = await platform.services.company.default_company(platform.database.reader(None))
    found = await platform.services.payment.saved_methods.of_users(
        platform.database.reader(company.id), [order["user_id"]]
    )
    assert [(each.provider, each.is_expired) for each in found] == [("MOCK", False)]


async def test_an_authorization_waits_for_its_capture(url: str) -> None:
    order, (payment,), transactions = await paid(url, Way.AUTHORIZED)
    assert (order["status"], order["payment_status"]) == ("PROCESSING", "AUTHORIZED")
    assert (payment["status"], payment["amount"]) == ("AUTHORIZED", order["total"])
    assert transactions == ["AUTHORIZATION SUCCEEDED"]


async def test_an_authorization_was_voided_and_another_card_paid(url: str) -> None:
    order, payments, transactions = await paid(url, Way.VOIDED)
    assert [each["status"] for each in payments] == ["CANCELLED", "SUCCEEDED"]
    assert (order["payment_status"], order["amount_captured"]) == ("PAID", order["total"])
    assert transactions == ["AUTHORIZATION SUCCEEDED", "VOID SUCCEEDED", "CHARGE SUCCEEDED"]


async def test_an_authorization_was_captured_in_part_and_another_card_paid_the_rest(url: str) -> None:
    order, (authorized, rest), transactions = await paid(url, Way.PARTLY_CAPTURED)
    half = round_half_up(order["total"] / 2, order["currency"])
    assert (authorized["amount"], authorized["amount_captured"]) == (order["total"], half)
    assert rest["amount_captured"] == order["total"] - half
    assert order["payment_status"] == "PAID"
    assert transactions == ["AUTHORIZATION SUCCEEDED", "CAPTURE SUCCEEDED", "CHARGE SUCCEEDED"]


async def test_an_abandoned_payment_was_replaced(url: str) -> None:
    order, payments, transactions = await paid(url, Way.REPLACED)
    assert [each["status"] for each in payments] == ["CANCELLED", "SUCCEEDED"]
    assert (order["payment_status"], transactions) == ("PAID", ["CHARGE SUCCEEDED"])


async def test_a_unit_was_refunded_less_a_fee(url: str) -> None:
    order, (item, fee), transactions = await followed_up(url, Later.LINE_REFUND)
    assert (item["kind"], item["quantity"], fee["kind"], fee["amount"]) == ("ITEM", 1, "ADJUSTMENT", Decimal("-2.50"))
    assert item["whole"] == order["amount_refunded"] == item["amount"] + fee["amount"]
    assert order["payment_status"] == "PARTIALLY_REFUNDED"
    assert transactions == ["CHARGE SUCCEEDED", "REFUND SUCCEEDED"]


async def test_shipping_was_refunded_with_a_compensation(url: str) -> None:
    order, (shipping, compensation), _ = await followed_up(url, Later.SHIPPING_REFUND)
    assert (shipping["kind"], shipping["amount"]) == ("SHIPPING", order["shipping_cost"])
    assert (compensation["kind"], compensation["amount"]) == ("ADJUSTMENT", Decimal(3))
    assert order["amount_refunded"] == order["shipping_cost"] + 3 > 3


async def test_a_refund_was_made_at_the_provider(url: str) -> None:
    order, (refund,), transactions = await followed_up(url, Later.REFUND_AT_PROVIDER)
    assert (refund["actor_kind"], refund["status"]) == ("SYSTEM", "SUCCEEDED")
    assert refund["whole"] == order["amount_refunded"] == round_half_up(order["total"] / 10, order["currency"])
    assert transactions == ["CHARGE SUCCEEDED", "REFUND SUCCEEDED"]


async def test_a_payment_is_disputed(url: str) -> None:
    order, refunds, transactions = await followed_up(url, Later.DISPUTE)
    assert (order["payment_status"], order["amount_charged_back"]) == ("CHARGED_BACK", order["total"])
    assert (refunds, transactions) == ([], ["CHARGE SUCCEEDED", "CHARGEBACK SUCCEEDED"])


async def test_the_shop_captures_its_payments_at_once_as_before(demo: Demo, platform: Platform) -> None:
    company = await platform.services.company.default_company(platform.database.reader(None))
    settings = await platform.services.payment.settings.current(platform.database.reader(company.id))
    assert (settings.capture_mode, settings.payment_provider) == (CaptureMode.AUTOMATIC, "MOCK")


async def test_jobs_leave_the_payments_of_the_demo_as_they_are(demo: Demo, platform: Platform, url: str) -> None:
    company = await platform.services.company.default_company(platform.database.reader(None))
    assert await platform.services.order.reconciliation.reconcile(platform.database, Actor.system(company.id)) == 0
    async with connected(url) as connection:
        statuses = {row[0] for row in await connection.fetch("select distinct status from payments")}
    assert statuses == {
        PaymentStatus.SUCCEEDED,
        PaymentStatus.CANCELLED,
        PaymentStatus.AUTHORIZED,
        PaymentStatus.FAILED,
    }
