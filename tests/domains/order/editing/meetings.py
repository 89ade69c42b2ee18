"""An edit and another operation on the same order, whose transactions follow each other in every possible order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Final, TypeAlias

import pytest

from domains.kernel.errors import DomainError
from domains.order import transitions
from domains.order.models import Order
from domains.payment.refunds import Refunds
from tests.domains.order.storefront import Storefront
from tests.locks import waited_for

Work: TypeAlias = Callable[[], Awaitable[Any]]


class Turn(Enum):
    """Who has the order first. Those that wait have read all that they read before they lock it."""

    EDIT_WAITS_FIRST = auto()
    EDIT_WAITS_LAST = auto()
    AT_ONCE = auto()
    WITHIN_EDIT = auto()
    """The other operation begins when the edit has committed and its refund is not sent yet."""
    WITHIN_OTHER = auto()


QUEUED: Final = (Turn.EDIT_WAITS_FIRST, Turn.EDIT_WAITS_LAST, Turn.AT_ONCE)
turns = pytest.mark.parametrize("turn", list(Turn))
queued_turns = pytest.mark.parametrize("turn", QUEUED)

# What the provider has of the company's payments, and what the payments and refunds say.
PROVIDED: Final = """
select (select coalesce(sum(m.captured_amount), 0) from mock_charges m join payments p on p.id = m.reference
    where p.company_id = $1) = (select coalesce(sum(amount_captured), 0) from payments
    where company_id = $1 and provider = 'MOCK')
  and (select coalesce(sum(m.amount), 0) from mock_refunds m join refunds r on r.id = m.reference
    where r.company_id = $1 and m.status = 'APPROVED') = (select coalesce(sum(amount), 0) from refunds
    where company_id = $1 and status = 'SUCCEEDED' and destination = 'ORIGINAL_PAYMENT')
"""
# For each SKU: what there was, what is there, is promised, was sent, and what open orders want and is not sent yet.
UNITS: Final = """
with sent as (
  select l.sku, sum(l.quantity) as units from shipment_lines l
  join shipments s on s.company_id = l.company_id and s.id = l.shipment_id
  where l.company_id = $1 and s.shipped_at is not null group by 1
), wanted as (
  select i.sku, sum(i.quantity - i.dropped_quantity - coalesce((select sum(l.quantity) from shipment_lines l
    join shipments s on s.company_id = l.company_id and s.id = l.shipment_id
    where l.company_id = $1 and l.order_item_id = i.id and s.shipped_at is not null), 0)) as units
  from order_items i join orders o on o.company_id = i.company_id and o.id = i.order_id
  where o.company_id = $1 and o.status in ('PENDING', 'CONFIRMED', 'PAID', 'PROCESSING') group by 1
)
select k.sku, k.available_stock, k.reserved_stock, coalesce(sent.units, 0) as sent,
  coalesce(wanted.units, 0) as wanted
from inventory_items k left join sent using (sku) left join wanted using (sku) where k.company_id = $1
"""


async def meet(shop: Storefront, order: Order, turn: Turn, edit: Work, other: Work) -> tuple[str, str]:
    """The outcomes of an edit and of another operation: the name of a refusal, or `done`."""
    if turn is Turn.AT_ONCE:
        return await _outcomes(edit, other)
    if turn in QUEUED:
        is_first = turn is Turn.EDIT_WAITS_FIRST
        found = await _queued(shop, order, *((edit, other) if is_first else (other, edit)))
        return found if is_first else (found[1], found[0])
    if turn is Turn.WITHIN_EDIT:
        return await _within(edit, other)
    inside = await _within(other, edit)
    return inside[1], inside[0]


async def _queued(shop: Storefront, order: Order, *works: Work) -> tuple[str, str]:
    """Both wait for the order in this order, then it is released."""
    async with asyncio.TaskGroup() as group, shop.database.transaction(shop.system) as tx:
        await transitions.lock_known(tx, order.id)
        tasks = []
        for number, work in enumerate(works, 1):
            tasks.append(group.create_task(_outcome(work)))
            await waited_for(tx, number)
    return tasks[0].result(), tasks[1].result()


async def _within(outer: Work, inner: Work) -> tuple[str, str]:
    """The inner operation runs before the first refund of the outer one is sent."""
    found: list[str] = []
    async with _before_refund(inner, found):
        first = await _outcome(outer)
    assert found, "no refund was sent"
    return first, found[0]


@asynccontextmanager
async def _before_refund(work: Work, found: list[str]) -> AsyncIterator[None]:
    send: Callable[..., Awaitable[Any]] = Refunds.send
    begun = False

    async def late(self: Refunds, *given: Any) -> Any:
        nonlocal begun
        if not begun:
            begun = True
            found.append(await _outcome(work))
        return await send(self, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Refunds, "send", late)
        yield


async def _outcomes(*works: Work) -> tuple[str, str]:
    first, second = await asyncio.gather(*(_outcome(work) for work in works))
    return first, second


async def _outcome(work: Work) -> str:
    try:
        await work()
    except DomainError as error:
        return type(error).__name__
    return "done"


async def require_agreement(shop: Storefront, order: Order, total: str, paid: str, **units: int) -> Order:
    """The order, when its total and what is left of its payments are these, and all books agree.

    `units` are those of each SKU that are available; the rules of the doctor are asked after every test.
    """
    after = await shop.order(order.id)
    left = after.amount_captured - after.amount_refunded
    assert (after.total, left) == (Decimal(total), Decimal(paid))
    assert await shop.owner.fetchval(PROVIDED, shop.company_id)
    rows = {row["sku"]: row for row in await shop.owner.fetch(UNITS, shop.company_id)}
    assert {sku: rows[sku]["available_stock"] for sku in units} == units
    for row in rows.values():
        assert row["reserved_stock"] == row["wanted"], row
        assert row["available_stock"] + row["reserved_stock"] + row["sent"] == 20, row
    return after
