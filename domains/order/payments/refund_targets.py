"""Where the refunds of an order go: back to each payment, or to the store credit of the buyer."""

from domains.kernel.database import Tx
from domains.kernel.personal_data import is_erased
from domains.order.errors import ExchangeNeedsOrder, StoreCreditNeedsCustomer
from domains.order.models import Order
from domains.payment.models import Payment, RefundDestination, RefundTarget
from domains.payment.providers.recorded_provider import EXCHANGE
from domains.payment.service import PaymentService


def has_store_credit(order: Order) -> bool:
    """Whether the buyer can have store credit: a customer who was not erased."""
    return order.user_id is not None and not is_erased(order.email)


def require_destination(order: Order, destination: RefundDestination | None) -> None:
    """Raise StoreCreditNeedsCustomer, or ExchangeNeedsOrder, unless refunds of the order alone can go there."""
    if destination is RefundDestination.EXCHANGE:
        raise ExchangeNeedsOrder
    if destination is RefundDestination.STORE_CREDIT and not has_store_credit(order):
        raise StoreCreditNeedsCustomer


class Targets:
    """The targets of the refunds of one order, each of another payment.

    To STORE_CREDIT, the buyer gets what was paid with money or by an exchange; what a gift card or store credit paid
    goes back there. To the ORIGINAL_PAYMENT, what an exchange paid is paid out by hand. Without a destination it
    becomes store credit where the buyer can have some, and all else goes back.
    """

    def __init__(self, payment: PaymentService, order: Order, destination: RefundDestination | None) -> None:
        self._payment = payment
        self._order = order
        self._destination = destination

    async def of(self, tx: Tx, payment: Payment) -> RefundTarget:
        """The target of the refund of a payment. One statement for store credit, otherwise none."""
        is_credited = self._destination is RefundDestination.STORE_CREDIT and payment.tender_id is None
        is_credited |= self._destination is None and payment.provider == EXCHANGE
        return await open_store_credit(tx, self._payment, self._order) if is_credited else RefundTarget()


async def open_store_credit(tx: Tx, payment: PaymentService, order: Order) -> RefundTarget:
    """The store credit of the buyer, locked; the original payment where there is none. One statement at most."""
    if order.user_id is None or not has_store_credit(order):
        return RefundTarget()
    row = await payment.store_credits.opened(tx, order.user_id, order.currency)
    return RefundTarget(store_credit_id=row.id)
