"""What notifications tell beside the order: its refund, invoice, shipment or return."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias
from uuid import UUID

from domains.kernel.database import Reader
from domains.notification.models import NotificationKind as Kind
from domains.notification.orders.told_orders import ToldOrder
from domains.notification.orders.variables import Variables, refund_variables, return_variables, shipment_variables
from domains.order.fulfilment.order_stock import REFUNDED_BEFORE_SHIPPING
from domains.payment.service import PaymentService
from domains.returns.service import ReturnsService
from domains.shipping.service import ShippingService

Given: TypeAlias = Mapping[str, Any]
Read: TypeAlias = Callable[[Reader, Kind, ToldOrder, Given], Awaitable[Variables | None]]
UNTIL: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.RETURN_REQUESTED: ("approved_at", "rejected_at", "closed_at"),
    Kind.RETURN_APPROVED: ("closed_at",),
}
"""The facts of a return after which a kind is not told any more."""


class Details:
    """Reads the variables of kinds beside `order`, as they are now; None where nothing is to be told any more."""

    def __init__(self, payments: PaymentService, shipping: ShippingService, returns: ReturnsService) -> None:
        self._payments = payments
        self._shipping = shipping
        self._returns = returns
        self._readers: Mapping[Kind, Read] = {
            Kind.ORDER_REFUNDED: self._refund,
            Kind.ORDER_SHIPPED: self._shipment,
            Kind.ORDER_DELIVERED: self._shipment,
            Kind.RETURN_REQUESTED: self._return,
            Kind.RETURN_APPROVED: self._return,
            Kind.RETURN_REJECTED: self._return,
            Kind.RETURN_RECEIVED: self._return,
            Kind.RETURN_REFUNDED: self._return,
        }

    async def of(self, db: Reader, kind: Kind, told: ToldOrder, given: Given) -> Variables | None:
        """The variables of a kind. Two statements at most; of a return three, four with a refund."""
        match kind:
            case Kind.ORDER_CANCELLED:
                reason = given.get("reason")
                return {"reason": None if reason == REFUNDED_BEFORE_SHIPPING else reason}
            case Kind.PAYMENT_FAILED:
                return {"reason": given["failure_reason"]}
            case Kind.INVOICE_ISSUED:
                return {"invoice": {"number": given["number"], "kind": given["kind"]}}
        read = self._readers.get(kind)
        return {} if read is None else await read(db, kind, told, given)

    async def _refund(self, db: Reader, _kind: Kind, _told: ToldOrder, given: Given) -> Variables | None:
        """The refund of an order; that of a return is told with the return."""
        refund_id = UUID(given["refund_id"])
        if await self._returns.refunds.of_refunds(db, [refund_id]):
            return None
        for refund in await self._payments.refunds.by_id(db, [refund_id]):
            return {"refund": refund_variables(refund.amount, refund.currency, refund.destination)}
        return None

    async def _shipment(self, db: Reader, _kind: Kind, told: ToldOrder, given: Given) -> Variables | None:
        for shipment in await self._shipping.shipments.by_id(db, [UUID(given["shipment_id"])]):
            lines = await self._shipping.shipments.lines_of(db, [shipment.id])
            return {"shipment": shipment_variables(shipment, lines, told.items)}
        return None

    async def _return(self, db: Reader, kind: Kind, _told: ToldOrder, given: Given) -> Variables | None:
        """The return of an order. A request that was decided since is told with the decision."""
        listing, request_id = self._returns.listing, UUID(given["return_request_id"])
        request = next(iter(await listing.by_id(db, [request_id])), None)
        if request is None or any(getattr(request, column) for column in UNTIL.get(kind, ())):
            return None
        items = await listing.items_of(db, [request_id])
        authorization = next(iter(await listing.authorizations_of(db, [request_id])), None)
        refunds = [UUID(given["return_refund_id"])] if "return_refund_id" in given else []
        refund = next(iter(await self._returns.refunds.by_id(db, refunds)), None) if refunds else None
        return {"return": return_variables(request, items, authorization, refund)}
