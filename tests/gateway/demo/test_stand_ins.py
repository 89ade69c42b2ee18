"""The demo with stand-ins of Stripe and PayPal: orders paid, refunded and disputed there, and nowhere else."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.clock import SystemClock
from gateway.commands.demo import load_if_empty
from gateway.commands.doctor import examine
from gateway.demo.orders import DAYS
from gateway.demo.stand_ins import StandInUrls, _approve
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from gateway.settings import Settings
from tests.gateway.providers.paypal.fake_paypal import FakePayPal
from tests.gateway.providers.stripe.stripe_server import StripeServer

STORIES = 14  # the orders of `gateway/demo/stories.py`, with the one of an exchange
PAID = """
select p.provider, p.status, o.payment_status, o.amount_refunded, o.amount_charged_back = o.total as is_disputed,
  (select array_agg(t.type::text || ' ' || t.status::text order by t.id) from payment_transactions t
   where t.payment_id = p.id) as transactions
from payments p join orders o on o.id = p.order_id where p.provider in ('STRIPE', 'PAYPAL') order by o.created_at
"""


@pytest.fixture
async def stripe() -> AsyncIterator[StripeServer]:
    async with StripeServer.started() as server:
        yield server


@pytest.fixture
async def paypal() -> AsyncIterator[FakePayPal]:
    async with FakePayPal.started(SystemClock()) as fake:
        yield fake


async def test_orders_are_paid_refunded_and_disputed_at_the_stand_ins(
    empty_database: str, settings: Settings, stripe: StripeServer, paypal: FakePayPal
) -> None:
    await migrate(empty_database)
    local = settings.model_copy(update={"stripe_url": stripe.url, "paypal_url": paypal.url})
    assert "Log in as" in await load_if_empty(local, empty_database)
    async with connected(empty_database) as connection:
        refunded, disputed, approved = [dict(row) for row in await connection.fetch(PAID)]
        provider = await connection.fetchval("select payment_provider from payment_settings")
        connections = {row[0] for row in await connection.fetch("select provider from payment_accounts")}
        assert await connection.fetchval("select count(*) from orders") == DAYS + 1 + 3 + STORIES
    assert shown(refunded) == ("STRIPE", "SUCCEEDED", "PARTIALLY_REFUNDED", ["CHARGE SUCCEEDED", "REFUND SUCCEEDED"])
    assert (refunded["amount_refunded"], disputed["is_disputed"]) == (Decimal("5.00"), True)
    assert shown(disputed)[:3] == ("STRIPE", "SUCCEEDED", "CHARGED_BACK")
    assert shown(approved) == ("PAYPAL", "SUCCEEDED", "PAID", ["CHARGE SUCCEEDED"])
    assert (provider, connections) == (None, {"STRIPE", "PAYPAL"})
    assert ("POST", "/v1/refunds") in stripe.requests
    assert paypal.calls("POST", "/v2/checkout/orders/[^/]+/capture") != []
    assert paypal.violations == []
    assert [finding for finding in await examine(local, empty_database) if not finding.passed] == []


def shown(row: dict[str, Any]) -> tuple[str, str, str, list[str]]:
    return row["provider"], row["status"], row["payment_status"], row["transactions"]


@pytest.mark.parametrize(
    "url",
    [
        None,
        "https://api.stripe.com",
        "https://localhost.example",
        "https://127.0.0.1.example",
        "https://localhost@api.stripe.com",
        "https://api.stripe.com/localhost",
    ],
)
async def test_the_demo_asks_stand_ins_on_this_machine_alone(settings: Settings, url: str | None) -> None:
    given = settings.model_copy(update={"stripe_url": url, "paypal_url": url})
    assert StandInUrls.of(given) == StandInUrls()
    if url is not None:
        with pytest.raises(ValueError, match="this machine"):
            await _approve(url)


def test_stand_ins_on_this_machine_are_asked(settings: Settings) -> None:
    urls = {"stripe_url": "http://localhost:1", "paypal_url": "http://127.0.0.1:2"}
    assert StandInUrls.of(settings.model_copy(update=urls)) == StandInUrls("http://localhost:1", "http://127.0.0.1:2")
