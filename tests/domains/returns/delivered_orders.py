"""Orders whose goods were delivered, and requests to return them."""

from dataclasses import dataclass
from typing import Any

from domains.kernel.actor import Actor
from domains.order.models import Order, OrderItem, OrderStatus
from domains.returns.models import (
    Approval,
    NewReturn,
    NewReturnLine,
    ReceivedUnits,
    ReturnItem,
    ReturnReason,
    ReturnRefundMethod,
    ReturnRequest,
)
from tests.domains.order.buyers import update_statuses
from tests.domains.order.storefront import Storefront


@dataclass
class DeliveredOrder:
    """A delivered order, with the operations of its returns."""

    shop: Storefront
    buyer: Actor
    order: Order
    items: list[OrderItem]

    @property
    def returns(self) -> Any:
        return self.shop.services.returns

    def new(self, *units: int, **given: Any) -> NewReturn:
        """A request for units of each line, in their order."""
        lines = [
            NewReturnLine(order_item_id=item.id, quantity=quantity)
            for item, quantity in zip(self.items, units, strict=False)
            if quantity
        ]
        return NewReturn(
            **{
                "order_id": self.order.id,
                "reason": ReturnReason.CHANGED_MIND,
                "refund_method": ReturnRefundMethod.ORIGINAL_PAYMENT,
                "lines": lines,
                **given,
            }
        )

    async def request(self, *units: int, actor: Actor | None = None, **given: Any) -> ReturnRequest:
        """Request the return of units of each line."""
        who, new = actor or self.buyer, self.new(*units, **given)
        request: ReturnRequest = await self.shop.run(lambda tx: self.returns.requests.create(tx, who, new), who)
        return request

    async def approve(self, request: ReturnRequest, **given: Any) -> ReturnRequest:
        """Approve a request, all of it by default."""
        approval = Approval(**given)
        return await self.run(lambda tx: self.returns.approvals.approve(tx, tx.actor, request.id, approval))

    async def receive(self, request: ReturnRequest, *units: int, **given: Any) -> ReturnRequest:
        """Receive units of each item."""
        lines = [
            ReceivedUnits(return_item_id=item.id, received=count)
            for item, count in zip(await self.items_of(request), units, strict=False)
            if count
        ]
        return await self.run(lambda tx: self.returns.receipts.receive(tx, tx.actor, request.id, lines, **given))

    async def run(self, work: Any) -> ReturnRequest:
        """Run work as the system."""
        request: ReturnRequest = await self.shop.run(work)
        return request

    async def items_of(self, request: ReturnRequest) -> list[ReturnItem]:
        """The items of a request as they are now."""
        reader = self.shop.database.reader(self.shop.company_id)
        items: list[ReturnItem] = await self.returns.listing.items_of(reader, [request.id])
        return items

    async def current(self) -> Order:
        """The order as it is now."""
        return await self.shop.order(self.order.id)


async def deliver(shop: Storefront, *wanted: tuple[str, int], buyer: Actor | None = None) -> DeliveredOrder:
    """A paid order, all goods of which were delivered now."""
    buyer = buyer or await shop.customer()
    return await delivery(shop, buyer, await shop.pay(buyer, await shop.buy(buyer, *wanted)))


async def deliver_to_guest(shop: Storefront, *wanted: tuple[str, int]) -> DeliveredOrder:
    """As `deliver`, for a guest."""
    guest = Actor.anonymous(shop.company_id)
    token = await shop.fill(guest, *wanted)
    placed = await shop.place(guest, cart_token=token, email="guest@example.com")
    return await delivery(shop, guest, await shop.pay(guest, placed.order, token=placed.token))


async def delivery(shop: Storefront, buyer: Actor, order: Order) -> DeliveredOrder:
    """A paid order, all goods of which are delivered now."""
    await update_statuses(shop, order, OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    items = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    return DeliveredOrder(shop, buyer, await shop.order(order.id), sorted(items, key=lambda item: item.sku))
