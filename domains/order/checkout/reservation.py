"""The reservation of a new order: its units of stock, its uses of discounts, and what tenders pay of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domains.cart.models import CartLine
from domains.inventory.errors import AllocationOutdated, InsufficientStock, SkuNotFound
from domains.inventory.models import StockLine
from domains.inventory.reservations import Reserving
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.prisma.statements import PartRows
from domains.order.checkout.tenders import CheckoutTenders
from domains.promotion.rules import BuyerIdentity, Redemption
from domains.promotion.service import PromotionService


class OrderReservation:
    """Locks the balances of tenders, reserves stock by SKU, then redeems discounts by id: the order of locks."""

    def __init__(self, inventory: InventoryService, promotion: PromotionService, tenders: CheckoutTenders) -> None:
        self._inventory = inventory
        self._promotion = promotion
        self.tenders = tenders

    def stock(
        self, tx: Tx, actor: Actor, order_id: UUID, expires_at: datetime | None, lines: Sequence[CartLine]
    ) -> Reserving | None:
        """The reservation of the tracked units of the lines, until `expires_at`, a part of the order's statement."""
        units = [StockLine(line.sku, line.quantity) for line in lines if line.sku and line.offer.is_tracked]
        return self._inventory.reservations.reserving(tx, actor, units, order_id=order_id, expires_at=expires_at)

    async def finish(
        self,
        tx: Tx,
        stock: tuple[Reserving, PartRows] | None,
        redemptions: Sequence[Redemption],
        order_id: UUID,
        buyer: BuyerIdentity,
    ) -> None:
        """Check what the part returned, and redeem each promotion and coupon.

        Raises InsufficientStock, SkuNotFound, PromotionExhausted, CouponExhausted. Emits StockReserved, StockChanged,
        StockRanLow, PromotionUsedUp, CouponUsedUp.
        """
        if stock is not None:
            reserving, rows = stock
            try:
                try:
                    reserving.finish(tx, rows)
                except AllocationOutdated:
                    await self._inventory.reservations.reserve_anywhere(tx, reserving)
            except (InsufficientStock, SkuNotFound) as error:
                error.field = ("cart_token",)
                raise
        await self._promotion.redemptions.redeem(tx, redemptions, order_id=order_id, buyer=buyer)
