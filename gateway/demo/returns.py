"""The returns of the demo: one that was refunded less a fee, one that waits, a rejected one, and an exchange."""

from decimal import Decimal
from typing import Final

from domains.kernel.database import Tx
from domains.returns.models import (
    Approval,
    InspectedUnits,
    NewReturn,
    NewReturnLine,
    ReceivedUnits,
    ReturnCondition,
    ReturnReason,
    ReturnRefundMethod,
    ReturnRequest,
    WishedGoods,
)
from domains.returns.refunds.models import NewReturnRefund
from gateway.demo.shop import CUSTOMER, DemoShop, Sale

REFUNDED: Final = "PLAIN-TEE-M-MOSS"
REFUNDED_UNITS: Final = 2  # one of which is damaged
FEE: Final = Decimal("2.50")
WAITING: Final = "WATCH-CAP-MUSTARD"
REJECTED: Final = "WAFFLE-BATH-TOWEL-HAND-MOSS"
EXCHANGED: Final = "BOOT-SOCKS-36-39"
WISHED: Final = "BOOT-SOCKS-40-43"
REJECTION: Final = "The towels were washed"
METHOD: Final = ReturnRefundMethod.ORIGINAL_PAYMENT


async def add_returns(shop: DemoShop) -> None:
    """Let buyers return goods that were delivered, each in a state of its own."""
    await _refunded(shop)
    await _rejected(shop)
    await _exchanged(shop)
    sale = await shop.deliver(4, CUSTOMER, {WAITING: 1, "HAND-TROWEL": 1})
    with shop.ago(0.4):
        await _request(shop, sale, WAITING, 1, reason=ReturnReason.CHANGED_MIND, notes="It is too warm for caps.")


async def _refunded(shop: DemoShop) -> None:
    sale = await shop.deliver(8, CUSTOMER, {REFUNDED: REFUNDED_UNITS, "NIGHT-PEBBLE": 1}, "FR")
    with shop.ago(5):
        request = await _request(shop, sale, REFUNDED, REFUNDED_UNITS, reason=ReturnReason.NOT_AS_DESCRIBED)
    await _take_back(shop, sale, request, damaged=1)
    with shop.ago(1.2):
        await shop.services.returns.refunds.refund(shop.db, shop.staff, request.id, NewReturnRefund(fee=FEE))


async def _rejected(shop: DemoShop) -> None:
    sale = await shop.deliver(7, 2, {REJECTED: 2})
    with shop.ago(3):
        request = await _request(shop, sale, REJECTED, 2, reason=ReturnReason.OTHER)
    endings = shop.services.returns.endings
    with shop.ago(2.5):
        await shop.staff_run(lambda tx: endings.reject(tx, shop.staff, request.id, REJECTION))


async def _exchanged(shop: DemoShop) -> None:
    """An exchange for another size, which is an order of its own."""
    sale = await shop.deliver(7.5, CUSTOMER, {EXCHANGED: 1})
    reader = shop.db.reader(shop.staff.company_id)
    (item,) = await shop.services.inventory.listing.items_by_sku(reader, [WISHED])
    wish = WishedGoods(product_id=item.product_id, variant_id=item.variant_id, quantity=1)
    with shop.ago(5):
        request = await _request(shop, sale, EXCHANGED, 1, reason=ReturnReason.WRONG_ITEM, wish=wish)
    await _take_back(shop, sale, request)
    with shop.ago(1.1):
        await shop.services.returns.refunds.refund(shop.db, shop.staff, request.id, NewReturnRefund(fee=Decimal(0)))


async def _request(
    shop: DemoShop,
    sale: Sale,
    sku: str,
    quantity: int,
    *,
    reason: ReturnReason,
    notes: str | None = None,
    wish: WishedGoods | None = None,
) -> ReturnRequest:
    """Let the buyer ask for a return, or for an exchange for other goods."""
    new = NewReturn(
        order_id=sale.order_id,
        reason=reason,
        refund_method=ReturnRefundMethod.EXCHANGE if wish else METHOD,
        lines=[NewReturnLine(order_item_id=sale.lines[sku].id, quantity=quantity)],
        notes=notes,
        wishes=[wish] if wish else [],
    )
    requests, buyer = shop.services.returns.requests, sale.buyer.actor
    return await shop.db.run(lambda tx: requests.create(tx, buyer, new, token=sale.token), buyer)


async def _take_back(shop: DemoShop, sale: Sale, request: ReturnRequest, *, damaged: int = 0) -> None:
    """Approve a return; the buyer sends it, and staff receive and inspect it."""
    returns, staff, buyer = shop.services.returns, shop.staff, sale.buyer.actor
    with shop.ago(4.5):
        await shop.staff_run(lambda tx: returns.approvals.approve(tx, staff, request.id, Approval()))
    with shop.ago(4):
        sent = returns.parcels.mark_shipped
        number = f"RT{request.rma_number.removeprefix('RMA-')}"
        await shop.db.run(lambda tx: sent(tx, buyer, request.id, carrier_name="Post", tracking_number=number), buyer)
    (item,) = await returns.listing.items_of(shop.db.reader(staff.company_id), [request.id])

    async def take(tx: Tx) -> None:
        came = [ReceivedUnits(return_item_id=item.id, received=item.quantity)]
        await returns.receipts.receive(tx, staff, request.id, came)
        seen = InspectedUnits(
            return_item_id=item.id,
            restocked=item.quantity - damaged,
            damaged=damaged,
            condition=ReturnCondition.DAMAGED if damaged else ReturnCondition.NEW,
        )
        await returns.receipts.inspect(tx, staff, request.id, [seen])

    with shop.ago(2):
        await shop.staff_run(take)
