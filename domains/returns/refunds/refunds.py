"""Refunds of returns, which are a step apart from their goods.

One transaction records them with the refunds of the order, the provider is asked, and another transaction records its
answers.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.kernel.permissions import PermissionAction
from domains.kernel.settings import SettingsTable
from domains.order import transitions
from domains.order.fulfilment.contents import read_contents
from domains.order.models import Order, OrderTicket
from domains.order.payments.refund_lines import NewRefund
from domains.order.payments.refunds import PendingRefund
from domains.order.policy import manages
from domains.order.service import OrderService
from domains.payment.models import NOTHING, RefundDestination
from domains.returns import data
from domains.returns.errors import ReturnRequestNotFound
from domains.returns.models import (
    ReturnRefund,
    ReturnRefundMethod,
    ReturnRefundStatus,
    ReturnSettings,
    ReturnStatus,
)
from domains.returns.processing import locked_returns
from domains.returns.processing.locked_returns import LockedReturn
from domains.returns.refunds.errors import FeeTooLarge
from domains.returns.refunds.models import NewReturnRefund, RefundedReturn
from domains.returns.refunds.progress import RefundProgress, refunds_of
from domains.returns.refunds.terms import exchange_lines, fee_of, refund_of, require_shipped, units_of

REFUNDABLE: Final = {ReturnStatus.APPROVED, ReturnStatus.IN_TRANSIT, ReturnStatus.RECEIVED, ReturnStatus.PROCESSED}
METHODS: Final = {
    RefundDestination.ORIGINAL_PAYMENT: ReturnRefundMethod.ORIGINAL_PAYMENT,
    RefundDestination.STORE_CREDIT: ReturnRefundMethod.STORE_CREDIT,
    RefundDestination.EXCHANGE: ReturnRefundMethod.EXCHANGE,
}


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the first transaction has recorded."""

    order: Order
    pending: Sequence[PendingRefund]
    exchange_order: Order | None


class ReturnRefunds:
    """Refunds returns: to what paid, to store credit, or to a new order in exchange."""

    def __init__(
        self, orders: OrderService, settings: SettingsTable[ReturnSettings], progress: RefundProgress
    ) -> None:
        self._orders = orders
        self._settings = settings
        self._progress = progress

    async def of_requests(self, db: Reader, request_ids: Sequence[UUID]) -> list[ReturnRefund]:
        """The refunds of returns, oldest first. One statement."""
        where: data.ReturnRefundWhere = {"return_request_id": {"in": list(request_ids)}}
        return await data.return_refund.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def by_id(self, db: Reader, ids: Sequence[UUID]) -> list[ReturnRefund]:
        """The refunds of returns with these ids, in no order. One statement."""
        return await data.return_refund.find_many(db, where={"id": {"in": list(ids)}})

    async def of_refunds(self, db: Reader, refund_ids: Sequence[UUID]) -> list[ReturnRefund]:
        """What returns were refunded by these refunds of payments, in no order. One statement."""
        return await data.return_refund.find_many(db, where={"refund_id": {"in": list(refund_ids)}})

    async def refund(
        self, db: Database | Attempt, actor: Actor, request_id: UUID, new: NewReturnRefund
    ) -> RefundedReturn:
        """Refund units of a return, less a fee. For staff with ORDERS:MANAGE.

        An EXCHANGE creates an order that the value pays, in the same transaction; that of a guest gets a token in the
        last one, so that an interrupted attempt still tells it. There is a refund for each payment
        that is needed, with the id of the order's refund; one that the provider has not answered is PROCESSING, and
        one that it refused FAILED, so that its units can be refunded again. A repetition of an interrupted attempt
        continues it. Raises ReturnRequestNotFound, ReturnNotAllowed, NothingToRefund, FeeTooLarge, OutOfRange,
        TooManyDecimals, NoExchangeLines, of all lines at once those of `units_of` and UnitsNotShipped, and as
        `Refunds.refund` and `Exchanges.begin`. Emits as these.
        """
        if not manages(actor):
            raise ReturnRequestNotFound
        attempt, ticket = Attempt.wrap(db), None
        if (new.method or await self._method(attempt, actor, request_id)) is ReturnRefundMethod.EXCHANGE:
            ticket = await self._orders.checkout.take_ticket(attempt.db, actor)
        begun = await attempt.run(lambda tx: self._begin(tx, actor, request_id, new, ticket, attempt.id), actor)
        reach("return.refund_begun")
        await self._orders.refunds.send_all(attempt, actor, begun.order, begun.pending)
        reach("return.refund_sent")

        return await attempt.run(lambda tx: self._finish(tx, actor, request_id, begun), actor)

    async def _finish(self, tx: Tx, actor: Actor, request_id: UUID, begun: _Begun) -> RefundedReturn:
        await transitions.lock_known(tx, begun.order.id)
        request, refunds = await self._progress.follow(tx, actor, request_id)
        ids, order = {each.refund.id for each in begun.pending}, begun.exchange_order
        own = [row for row in refunds if row.refund_id in ids]
        token = None if order is None else await self._orders.exchanges.give_token(tx, order)
        return RefundedReturn(request, own, order, token)

    async def _method(self, attempt: Attempt, actor: Actor, request_id: UUID) -> ReturnRefundMethod | None:
        request = await data.return_request.find_unique(attempt.db.reader(actor.company_id), id=request_id)
        return None if request is None else request.refund_method

    async def _begin(
        self,
        tx: Tx,
        actor: Actor,
        request_id: UUID,
        new: NewReturnRefund,
        ticket: OrderTicket | None,
        attempt_id: UUID,
    ) -> _Begun:
        locked = await locked_returns.lock(tx, actor, request_id, action=PermissionAction.MANAGE)
        if started := await self._orders.refunds.find_started(tx, locked.order, attempt_id):
            return _Begun(locked.order, started, await self._orders.exchanges.find_started(tx, started))
        locked.require(REFUNDABLE, "Only approved returns that are not closed can be refunded.")
        method = new.method or locked.request.refund_method
        units = units_of(new, locked.items)
        if new.without_goods:
            contents = await read_contents(tx, locked.order)
            require_shipped(new, units, locked.items, contents.to_send())
        charged = await refunds_of(tx, [request_id])
        usual = (await self._settings.current(tx)).return_fee
        fee = fee_of(new, usual, charged, locked.order.currency)
        refund = refund_of(new, units, fee, method)
        with _telling_fee(fee, locked.order.currency):
            begun = await self._recorded(tx, actor, locked, new, refund, ticket, attempt_id)
        await self._write(tx, actor, locked, begun, fee)
        await self._progress.follow(tx, actor, request_id)
        return begun

    async def _recorded(
        self,
        tx: Tx,
        actor: Actor,
        locked: LockedReturn,
        new: NewReturnRefund,
        refund: NewRefund,
        ticket: OrderTicket | None,
        attempt_id: UUID,
    ) -> _Begun:
        """The refunds of the order, and the new order of an exchange."""
        order, orders = locked.order, self._orders
        if ticket is not None:
            lines = exchange_lines(new, locked.request)
            made = await orders.exchanges.begin(tx, actor, order, refund, lines, ticket, attempt_id)
            return _Begun(made.replaced, made.refunds, made.order)
        plan = await orders.refunds.plan(tx, order, refund)
        pending = await orders.refunds.record_plan(tx, actor, order, plan, attempt_id)
        order, pending = await orders.refunds.settle(tx, actor, order, pending)
        return _Begun(order, pending, None)

    async def _write(self, tx: Tx, actor: Actor, locked: LockedReturn, begun: _Begun, fee: Decimal) -> None:
        """A row for each refund; the first one has the fee."""
        request = locked.request
        rows: list[data.ReturnRefundCreate] = []
        for each in begun.pending:
            is_exchange = each.refund.destination is RefundDestination.EXCHANGE
            rows.append(
                {
                    "id": new_id(),
                    "return_request_id": request.id,
                    "order_id": request.order_id,
                    "user_id": request.user_id,
                    "payment_id": each.payment.id,
                    "refund_id": each.refund.id,
                    "exchange_order_id": begun.exchange_order.id if is_exchange and begun.exchange_order else None,
                    "refund_method": METHODS[each.refund.destination],
                    "amount": each.refund.amount,
                    "fee": NOTHING if rows else fee,
                    "currency": each.refund.currency,
                    "status": ReturnRefundStatus.PROCESSING,
                    "reason": each.refund.reason,
                    "created_by": actor.user_id,
                }
            )
        await data.return_refund.create_many(tx, rows)


@contextmanager
def _telling_fee(fee: Decimal, currency: str) -> Iterator[None]:
    """A refund of nothing or less is due to its fee."""
    try:
        yield
    except OutOfRange as error:
        if fee and tuple(error.field) == ("amount",):
            raise FeeTooLarge(fee, currency) from error
        raise
