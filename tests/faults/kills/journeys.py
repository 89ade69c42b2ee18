"""What guests, customers and staff do while a process dies: purchases, cancellations, refunds, registrations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tests.faults.api import Answered, Refused
from tests.faults.shop import Buyer, Placed, Shop

PAUSE: Final = 0.1
MAILS: Final = 3  # one after the other, so that they are not delivered together


async def trade(shop: Shop) -> None:
    """Every journey once, all at the same time; each request is repeated until its outcome is known."""
    async with asyncio.TaskGroup() as group:
        for journey in JOURNEYS:
            group.create_task(journey(shop), name=journey.__name__)


@asynccontextmanager
async def trading(shop: Shop, traders: int) -> AsyncIterator[None]:
    """So many rounds of all journeys at once, one after the other, during the block; those that began are finished.

    Raises an error of any of them.
    """
    is_over = asyncio.Event()

    async def repeat() -> None:
        while not is_over.is_set():
            await trade(shop)

    async with asyncio.TaskGroup() as group:
        for _ in range(traders):
            group.create_task(repeat())
        try:
            yield
        finally:
            is_over.set()


async def ordered(buyer: Buyer, shop: Shop) -> Placed:
    """An order of two units of each item, at a discount for guests. The stock and the uses must suffice."""
    code = None if buyer.client.token else shop.code
    order = await buyer.order(await buyer.fill(*(item.line(2) for item in shop.items), code=code))
    assert isinstance(order, Placed), order
    return order


async def bought(buyer: Buyer, shop: Shop) -> Placed:
    """The same order, paid."""
    order = await ordered(buyer, shop)
    _require_answer(await buyer.pay(order))
    return order


async def _buy(shop: Shop) -> None:
    await bought(shop.buyer(), shop)


async def _return(shop: Shop) -> None:
    buyer = shop.buyer()
    _require_answer(await buyer.cancel(await bought(buyer, shop)))


async def _refund_a_part(shop: Shop) -> None:
    _require_answer(await shop.refund(await bought(shop.buyer(), shop), "3.00"))


async def _change_mind(shop: Shop) -> None:
    buyer = shop.buyer()
    _require_answer(await buyer.cancel(await ordered(buyer, shop)))


async def _leave_unpaid(shop: Shop) -> None:
    await ordered(shop.buyer(), shop)


async def _buy_with_account(shop: Shop) -> None:
    async with shop.customer() as buyer:
        await bought(buyer, shop)


async def _return_with_account(shop: Shop) -> None:
    async with shop.customer() as buyer:
        _require_answer(await buyer.cancel(await bought(buyer, shop)))


async def _pay_by_invoice(shop: Shop) -> None:
    async with shop.customer() as buyer:
        _require_answer(await buyer.pay_by_invoice(await ordered(buyer, shop)))


async def _correct_address(shop: Shop) -> None:
    await shop.correct_address()


async def _register(shop: Shop) -> None:
    for buyer in [shop.buyer() for _ in range(MAILS)]:
        while not isinstance(outcome := await buyer.register(), Answered):
            assert not isinstance(outcome, Refused) or outcome.is_transient, outcome
            await asyncio.sleep(PAUSE)


def _require_answer(outcome: Answered | Refused) -> None:
    assert isinstance(outcome, Answered), outcome


JOURNEYS: Final = (
    *(_buy, _return, _refund_a_part, _change_mind, _leave_unpaid, _register),
    *(_buy_with_account, _return_with_account, _pay_by_invoice, _correct_address),
)
