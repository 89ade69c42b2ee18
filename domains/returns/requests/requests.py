"""Return requests: created by buyers, guests and staff."""

from typing import Any, Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsTable
from domains.order import transitions
from domains.order.models import Order
from domains.order.policy import accepts_orders
from domains.returns import changes, data, statuses
from domains.returns.errors import TooManyOpenReturns, TooManyReturns, WindowOverrideNotAllowed
from domains.returns.events import ReturnedUnits, ReturnRequested
from domains.returns.models import ExchangeWish, NewReturn, ReturnRequest, ReturnSettings, ReturnStatus
from domains.returns.processing.approvals import Approvals
from domains.returns.requests.checks import Terms, checked_input, require_returnable
from domains.returns.requests.returnables import Returnables, numbered
from domains.returns.requests.rules import ReturnableLine

MAX_OPEN: Final = 10
MAX_REQUESTS: Final = 100
PREFIX: Final = "RMA-"


class Requests:
    """Creates return requests."""

    def __init__(
        self,
        settings: SettingsTable[ReturnSettings],
        returnables: Returnables,
        approvals: Approvals,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._returnables = returnables
        self._approvals = approvals
        self._clock = clock

    async def create(self, tx: Tx, actor: Actor, new: NewReturn, *, token: str | None = None) -> ReturnRequest:
        """Request the return of delivered units of an order: by its buyer, a guest with its token, or staff.

        The order is locked first, so that requests at the same time never take more than was delivered. With
        `returns_auto_approved` it is APPROVED at once. Raises OrderNotFound, WindowOverrideNotAllowed,
        TooManyReturns, TooManyOpenReturns, and as `checked_input` and `require_returnable`, of all lines at once. Six
        statements; one more for settings with categories, and two for an automatic approval. Emits ReturnRequested,
        ReturnApproved.
        """
        if new.override_window and not accepts_orders(actor):
            raise WindowOverrideNotAllowed
        order = await transitions.lock(tx, actor, new.order_id, token)
        notes = checked_input(new, is_guest=order.user_id is None)
        settings = await self._settings.current(tx)
        number, requests, requested = await numbered(tx, order.id)
        if len(requests) >= MAX_REQUESTS:
            raise TooManyReturns(MAX_REQUESTS)
        if sum(status in statuses.OPEN for status in requests.values()) >= MAX_OPEN:
            raise TooManyOpenReturns(MAX_OPEN)
        known = await self._returnables.of_requested(tx, [order.id], requested)
        named = [known[line.order_item_id].item for line in new.lines if line.order_item_id in known]
        terms = Terms(
            now=self._clock.now(),
            window_days=None if new.override_window else settings.return_window_days,
            excluded=() if new.override_window else await self._returnables.excluded(tx, settings, named),
        )
        lines = require_returnable(new.lines, known, terms)
        request = await self._insert(tx, actor, order, new, lines, f"{PREFIX}{number}", notes)
        return await self._approvals.approve_automatically(tx, actor, request, settings)

    async def _insert(
        self,
        tx: Tx,
        actor: Actor,
        order: Order,
        new: NewReturn,
        lines: list[ReturnableLine],
        number: str,
        notes: str | None,
    ) -> ReturnRequest:
        request_id = new_id()
        row: data.ReturnRequestCreate = {
            "id": request_id,
            "order_id": order.id,
            "user_id": order.user_id,
            "rma_number": number,
            "return_reason": new.reason,
            "return_notes": notes,
            "refund_method": new.refund_method,
            "currency": order.currency,
            "exchange_wishes": _wishes(new),
            "created_by": actor.user_id,
            "requested_at": self._clock.now(),
        }
        items = [_item(request_id, new, position, line) for position, line in enumerate(lines)]
        first = changes.entry(actor, request_id, None, ReturnStatus.PENDING, None)
        alongside = [data.return_item.insertion(tx, items), data.return_status_history.insertion(tx, [first])]
        request = await data.return_request.create(tx, row, alongside=alongside)
        units: list[ReturnedUnits] = [
            {"sku": line.item.sku, "quantity": wanted.quantity} for line, wanted in zip(lines, new.lines, strict=True)
        ]
        tx.emit(ReturnRequested(return_request_id=request.id, rma_number=number, order_id=order.id, lines=units))
        return request


def _wishes(new: NewReturn) -> Any:
    wishes: list[ExchangeWish] = [
        {
            "product_id": str(wish.product_id),
            "variant_id": str(wish.variant_id) if wish.variant_id else None,
            "quantity": wish.quantity,
        }
        for wish in new.wishes
    ]
    return wishes


def _item(request_id: UUID, new: NewReturn, position: int, line: ReturnableLine) -> data.ReturnItemCreate:
    wanted, item = new.lines[position], line.item
    return {
        "return_request_id": request_id,
        "order_item_id": item.id,
        "product_id": item.product_id,
        "variant_id": item.variant_id,
        "product_name": item.product_name,
        "variant_name": item.variant_name,
        "product_sku": item.sku,
        "quantity": wanted.quantity,
        "unit_price": item.unit_price,
        "currency": item.currency,
        "return_reason": wanted.reason or new.reason,
        "condition": wanted.condition,
    }
