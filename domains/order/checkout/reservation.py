"""The reservation of a new order: its units of stock and its uses of promotions."""

from collections.abc import Sequence
from uuid import UUID

from domains.cart.models import CartLine
from domains.inventory.errors import InsufficientStock, SkuNotFound
from domains.inventory.models import StockLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order.models import Order
from domains.promotion.rules import BuyerIdentity
from domains.promotion.service import PromotionService


class OrderReservation:
    """Reserves stock by SKU, then redeems promotions by id, which is the order of locks."""

    def __init__(self, inventory: InventoryService, promotion: PromotionService) -> None:
        self._inventory = inventory
        self._promotion = promotion

    async def reserve(
        self,
        tx: Tx,
        actor: Actor,
        order: Order,
        lines: Sequence[CartLine],
        promotion_ids: Sequence[UUID],
        buyer: BuyerIdentity,
    ) -> None:
        """Reserve the tracked units of the lines, and redeem each promotion.

        Raises InsufficientStock, SkuNotFound, PromotionExhausted. Emits StockReserved, StockChanged,
        StockRanLow, PromotionUsedUp.
        """
        units = [StockLine(line.sku, line.quantity) for line in lines if line.sku and line.offer.is_tracked]
        try:
            await self._inventory.reservations.reserve(
                tx, actor, units, order_id=order.id, expires_at=order.expires_at
            )
        except (InsufficientStock, SkuNotFound) as error:
            error.field = ("cart_token",)
            raise
        await self._promotion.redemptions.redeem(tx, promotion_ids, order_id=order.id, buyer=buyer)
