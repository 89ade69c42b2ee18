"""One idempotency key is one purchase in parallel requests; `RACE_RUNS` is the number of repetitions."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.fail_points import arm
from tests.domains.order.storefront import DECLINED, SILENT_CHARGED, Storefront
from tests.gateway.graphql.order.operations import CANCEL, CARD, CREATE, PAY, REFUND, key, ordering, paying
from tests.gateway.site import Site
from tests.race_runs import repeated

TIMES = 20
CHARGES = "select status, amount from mock_charges where not reference = any($1::uuid[])"
REFUNDS = """
select m.amount from mock_refunds m join refunds r on r.id = m.reference where r.company_id = $1 order by m.amount
"""


async def send_in_parallel(site: Site, actor: Actor, query: str, variables: dict[str, Any]) -> Any:
    """The one response to an operation that is sent twenty times in parallel."""
    answers = await asyncio.gather(*(site.data(query, actor, **variables) for _ in range(TIMES)))
    assert answers == [answers[0]] * TIMES
    (payload,) = answers[0].values()
    return payload


async def known_charges(shop: Storefront) -> list[Any]:
    """The present records of the provider."""
    return [row[0] for row in await shop.owner.fetch("select reference from mock_charges")]


async def charged_since(shop: Storefront, before: list[Any]) -> list[tuple[str, Any]]:
    """The new records of the provider, of all companies."""
    return [(row[0], row[1]) for row in await shop.owner.fetch(CHARGES, before)]


@repeated
async def test_one_key_is_one_order_and_one_charge(shop: Storefront, site: Site, run: int) -> None:
    await shop.stock("A", 50)
    guest, before = Actor.anonymous(shop.company_id), await known_charges(shop)
    cart = await shop.fill(guest, ("A", 1))
    variables = ordering(cartToken=cart, email="g@example.com")
    made = await send_in_parallel(site, guest, CREATE, variables)
    assert (made["errors"], made["order"]["status"]) == ([], "PENDING")
    paid = await send_in_parallel(site, guest, PAY, paying(made["order"]["id"], orderToken=made["orderToken"]))
    assert (paid["errors"], paid["order"]["status"]) == ([], "PAID")
    assert await charged_since(shop, before) == [("APPROVED", 10)]
    assert [await shop.count(table) for table in ("orders", "order_items", "payments", "reservations")] == [1] * 4
    assert await shop.level("A") == (49, 1)
    assert await shop.topics() == ["order.created", "order.payment_started", "order.paid"]
    assert await shop.ledger("A") == {("ADJUSTMENT", 50, 0): 1, ("RESERVATION", -1, 1): 1}
    assert await shop.broken() == []
    again = await site.data(CREATE, guest, input={**variables["input"], "email": "other@example.com"})
    assert [error["code"] for error in again["orderCreate"]["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


@repeated
async def test_one_key_is_one_refusal(shop: Storefront, site: Site, run: int) -> None:
    await shop.stock("A", 1)
    ada, eve = await shop.customers(2)
    await shop.fill(eve, ("A", 1))
    order, before = await shop.buy(ada, ("A", 1)), await known_charges(shop)
    short = await send_in_parallel(site, eve, CREATE, ordering())
    assert (short["order"], [error["code"] for error in short["errors"]]) == (None, ["INSUFFICIENT_STOCK"])
    declined = await send_in_parallel(site, ada, PAY, paying(order.id, card=CARD | {"number": DECLINED}))
    assert [(error["code"], error["reason"]) for error in declined["errors"]] == [
        ("PAYMENT_DECLINED", "CARD_DECLINED")
    ]
    assert await charged_since(shop, before) == [("DECLINED", 10)]
    assert (await shop.count("orders"), await shop.count("payments"), await shop.level("A")) == (1, 1, (0, 1))
    assert await shop.topics() == ["order.created", "order.payment_started", "order.payment_declined"]
    assert await shop.broken() == []


@repeated
async def test_one_key_with_an_unknown_outcome_is_one_charge(shop: Storefront, site: Site, run: int) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    order, before = await shop.buy(ada, ("A", 1)), await known_charges(shop)
    unknown = await send_in_parallel(site, ada, PAY, paying(order.id, card=CARD | {"number": SILENT_CHARGED}))
    assert (unknown["errors"], unknown["order"]["status"]) == ([], "PAYMENT_PENDING")
    assert await charged_since(shop, before) == [("APPROVED", 10)]
    assert (await shop.count("payments"), await shop.level("A")) == (1, (4, 1))
    assert await shop.broken() == []


@repeated
async def test_one_key_is_one_cancellation_and_one_refund(shop: Storefront, site: Site, run: int) -> None:
    await shop.stock("A", 5)
    ada, clerk = await shop.customer(), await shop.staff()
    first, second = await shop.buy(ada, ("A", 1)), await shop.buy(ada, ("A", 1))
    await shop.pay(ada, first)
    await shop.pay(ada, second)
    refund = {"input": {"idempotencyKey": key(), "orderId": str(first.id), "amount": "4"}}
    refunded = await send_in_parallel(site, clerk, REFUND, refund)
    assert (refunded["errors"], refunded["refund"]["amount"]) == ([], {"amount": "4.00"})
    cancel = {"input": {"idempotencyKey": key(), "orderId": str(second.id)}}
    cancelled = await send_in_parallel(site, ada, CANCEL, cancel)
    assert (cancelled["errors"], cancelled["order"]["status"]) == ([], "REFUNDED")
    assert [row[0] for row in await shop.owner.fetch(REFUNDS, shop.company_id)] == [4, 10]
    assert (await shop.count("refunds"), await shop.level("A")) == (2, (4, 1))
    assert await shop.broken() == []


async def test_a_duplicate_order_number_is_not_stored_and_the_same_key_gets_the_next(
    shop: Storefront, site: Site
) -> None:
    await shop.stock("A", 50)
    ada = await shop.customer()
    first = await shop.buy(ada, ("A", 1))
    await shop.owner.execute("delete from order_counters where company_id = $1", shop.company_id)
    await shop.fill(ada, ("A", 1))
    variables = ordering()
    refused = (await site.data(CREATE, ada, **variables))["orderCreate"]
    assert (refused["order"], [error["code"] for error in refused["errors"]]) == (None, ["BUSY"])
    made = (await site.data(CREATE, ada, **variables))["orderCreate"]
    year = shop.clock.now().year
    assert (first.order_number, made["order"]["orderNumber"]) == (f"{year}-000001", f"{year}-000002")


@pytest.fixture
def failing() -> Iterator[None]:
    """The next workflow fails when its response is known."""
    arm(["workflow.answered:raise:1"])
    yield
    arm([])


async def answers_after_failure(site: Site, actor: Actor, query: str, variables: dict[str, Any]) -> Any:
    """The answer to an operation that failed with its response, sent again twice."""
    failed = await site.ask(query, actor, **variables)
    assert [error["extensions"]["code"] for error in failed["errors"]] == ["INTERNAL_ERROR"]
    again, third = [await site.value(query, actor, **variables) for _ in range(2)]
    assert again == third
    assert again["errors"] == []
    return again


@pytest.mark.usefixtures("failing")
async def test_an_order_whose_answer_was_lost_is_answered_again(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    guest = Actor.anonymous(shop.company_id)
    cart = await shop.fill(guest, ("A", 1))
    made = await answers_after_failure(site, guest, CREATE, ordering(cartToken=cart, email="g@example.com"))
    assert (made["order"]["status"], made["orderToken"] is None) == ("PENDING", False)
    assert (await shop.count("orders"), await shop.level("A")) == (1, (4, 1))


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("method", ["INVOICE", "CASH_ON_DELIVERY"])
async def test_an_acceptance_whose_answer_was_lost_is_answered_again(
    shop: Storefront, site: Site, method: str
) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    given = {"idempotencyKey": key(), "orderId": str(order.id), "method": method}
    accepted = await answers_after_failure(site, ada, PAY, {"input": given})
    assert accepted["order"]["status"] == "CONFIRMED"
    assert await shop.topics() == ["order.created", "order.confirmed"]


@pytest.mark.usefixtures("failing")
async def test_a_cancellation_whose_answer_was_lost_is_answered_again(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    cancel = {"input": {"idempotencyKey": key(), "orderId": str(order.id)}}
    cancelled = await answers_after_failure(site, ada, CANCEL, cancel)
    assert cancelled["order"]["status"] == "CANCELLED"
    assert (await shop.topics(), await shop.level("A")) == (["order.created", "order.cancelled"], (5, 0))
