"""A server that dies with the answer to a request: the same key gets this answer, and nothing happens twice."""

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from tests.faults.api import Answered, Unknown
from tests.faults.drain import pass_time, settle
from tests.faults.kills.journeys import ordered
from tests.faults.processes import Gateway
from tests.faults.scale import SAMPLED
from tests.faults.shop import CANCEL, ORDER, PAY, Buyer, Placed, Shop

pytestmark = pytest.mark.faults
LATE = "workflow.answered:kill:1"
ORDERS = "select id::text, status::text from orders"


@dataclass(frozen=True, slots=True)
class Request:
    """A mutation with its key, and the status of the one order after it."""

    document: str
    given: dict[str, Any]
    status: str


async def create(buyer: Buyer, shop: Shop) -> Request:
    cart = await buyer.fill(*(item.line() for item in shop.items))
    return Request(ORDER, buyer.order_input(cart), "PENDING")


async def pay_by_invoice(buyer: Buyer, shop: Shop) -> Request:
    return Request(PAY, buyer.invoice_input(await ordered(buyer, shop)), "CONFIRMED")


async def cancel(buyer: Buyer, shop: Shop) -> Request:
    return Request(CANCEL, buyer.cancel_input(await ordered(buyer, shop)), "CANCELLED")


@pytest.mark.parametrize("prepare", [pytest.param(create, marks=SAMPLED), pay_by_invoice, cancel])
async def test_an_answer_that_died_with_the_server_is_given_again(
    prepare: Callable[[Buyer, Shop], Awaitable[Request]],
    gateway: Gateway,
    shop: Shop,
    platform: Platform,
    shop_url: str,
) -> None:
    await gateway.start()
    async with shop.customer() as buyer:
        request = await prepare(buyer, shop)
        assert await gateway.stop() == 0
        await gateway.start(LATE)
        lost = await buyer.client.mutate(request.document, **request.given)
        assert isinstance(lost, Unknown), lost
        assert await gateway.ended() == -signal.SIGKILL
        await pass_time(shop_url)
        await gateway.start()
        answers = [await buyer.client.insist(request.document, **request.given) for _ in range(2)]
    assert isinstance(answers[0], Answered), answers
    assert answers[1] == answers[0]
    async with connected(shop_url) as connection:
        ((order_id, status),) = await connection.fetch(ORDERS)
    assert (order_id, status) == (answers[0].payload["order"]["id"], request.status)
    if request.document == ORDER:
        shop.told.placed[order_id] = Placed.of(answers[0].payload)
    await settle(platform, shop, shop_url, deaths=1)
