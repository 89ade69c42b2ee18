"""Bulk fulfilment: many orders are shipped at once, each in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import DomainError, DuplicateValue, TooMany
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.text.validation import LINE_LENGTH, Required, optional_text
from domains.order import transitions
from domains.order.fulfilment.parcels import LeftUnits, Parcels
from domains.order.models import Order
from domains.order.summary import OrderFacts

MAX_ORDERS: Final = 100
FIELD: Final = ("order_ids",)
ALL: Final = LeftUnits()


@dataclass(frozen=True, slots=True)
class FulfilledOrder:
    """An order after its shipment, or why it was not shipped."""

    order_id: UUID
    order: Order | None = None
    error: DomainError | None = None


class BulkFulfilment:
    """Ships many orders."""

    def __init__(self, parcels: Parcels) -> None:
        self._parcels = parcels

    async def fulfil(
        self, db: Database | Attempt, actor: Actor, order_ids: Sequence[UUID], wanted: LeftUnits = ALL
    ) -> list[FulfilledOrder]:
        """Ship what is left of each order, in this order; one that is refused does not stop the others.

        An order of which nothing is left stays as it is and is no error: an interrupted attempt that runs again ships
        nothing twice. For staff with ORDERS:UPDATE. Raises Required, TooMany above 100 orders, DuplicateValue for one
        that is given twice, TooLong for the comment. The errors of an order are OrderNotFound, and those of
        `Parcels.ship_left`; it emits as that.
        """
        if not order_ids:
            raise Required("Give at least one order.", field=FIELD)
        if len(order_ids) > MAX_ORDERS:
            raise TooMany(f"Give at most {MAX_ORDERS} orders.", field=FIELD)
        if len(set(order_ids)) < len(order_ids):
            raise DuplicateValue("An order is given twice.", field=FIELD)
        comment = optional_text(wanted.comment, field=("comment",), max_length=LINE_LENGTH)
        wanted, attempt = replace(wanted, comment=comment), Attempt.wrap(db)
        await attempt.run(_nothing, actor)  # claims the key, whatever becomes of the first order
        return [await self._fulfil_one(attempt, actor, order_id, wanted) for order_id in order_ids]

    async def _fulfil_one(self, attempt: Attempt, actor: Actor, order_id: UUID, wanted: LeftUnits) -> FulfilledOrder:
        async def ship(tx: Tx) -> Order:
            order = await transitions.lock(tx, actor, order_id, None)
            facts = OrderFacts.of(order)
            if facts.wanted and facts.shipped >= facts.wanted:
                return order
            return await self._parcels.ship_left(tx, actor, order, wanted)

        try:
            order = await attempt.run(ship, actor)
        except DomainError as error:
            return FulfilledOrder(order_id, error=error)
        reach("fulfilment.order_shipped")
        return FulfilledOrder(order_id, order=order)


async def _nothing(tx: Tx) -> None:
    del tx
