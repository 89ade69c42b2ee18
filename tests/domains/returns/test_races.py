"""Races of returns with real commits: no unit is returned, received or restocked twice."""

import asyncio
from collections import Counter
from typing import Any

from domains.inventory.models import MovementType
from domains.returns.models import InspectedUnits
from tests.domains.returns.delivered_orders import DeliveredOrder


async def outcomes(*works: Any) -> Counter[str]:
    """How often each outcome occurred, by the name of the error."""
    found = await asyncio.gather(*works, return_exceptions=True)
    return Counter(type(each).__name__ if isinstance(each, BaseException) else "done" for each in found)


async def test_requests_at_once_never_take_more_than_was_delivered(delivered: DeliveredOrder) -> None:
    requests = (delivered.request(2) for _ in range(5))
    assert await outcomes(*requests) == {"done": 1, "ReturnQuantityTooLarge": 4}
    assert await delivered.shop.count("return_items") == 1


async def test_the_same_units_are_received_once(delivered: DeliveredOrder) -> None:
    request = await delivered.approve(await delivered.request(3))
    receipts = (delivered.receive(request, 2) for _ in range(4))
    assert await outcomes(*receipts) == {"done": 1, "MoreThanApproved": 3}
    assert (await delivered.current()).units_returned == 2


async def test_the_same_units_are_restocked_once(delivered: DeliveredOrder) -> None:
    request = await delivered.approve(await delivered.request(3, 2))
    await delivered.receive(request, 3, 2)
    a, b = await delivered.items_of(request)

    async def inspect(*lines: InspectedUnits) -> Any:
        return await delivered.run(lambda tx: delivered.returns.receipts.inspect(tx, tx.actor, request.id, lines))

    whole = (InspectedUnits(return_item_id=a.id, restocked=2), InspectedUnits(return_item_id=b.id, restocked=2))
    inspections = (inspect(*each) for each in (whole, whole[::-1], whole))
    assert await outcomes(*inspections) == {"done": 1, "ValidationErrors": 2}
    ledger = await delivered.shop.ledger("A")
    assert ledger[(MovementType.RETURN.value, 2, 0)] == 1
    assert (await delivered.shop.level("A"), await delivered.shop.level("B")) == ((9, 0), (10, 0))


async def test_a_return_is_either_approved_or_cancelled_first(delivered: DeliveredOrder) -> None:
    request = await delivered.request(1)
    cancel = delivered.run(lambda tx: delivered.returns.endings.cancel(tx, delivered.buyer, request.id))
    found = await outcomes(delivered.approve(request), cancel)
    assert found in ({"done": 2}, {"done": 1, "ReturnNotAllowed": 1})
    reader = delivered.shop.database.reader(delivered.shop.company_id)
    assert (await delivered.returns.listing.get(reader, request.id)).closed_at is not None
