"""Edits of orders before they are shipped: lines, units and the address, with what follows for stock and money."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.catalog.products.measures import GRAM
from domains.inventory.allocation.allocations import OrderUnits
from domains.inventory.allocation.places import Place
from domains.inventory.errors import InsufficientStock, SkuNotFound
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.values.money import round_half_up
from domains.order import data, sql, transitions
from domains.order.data import OrderUpdate
from domains.order.editing import sql as edit_sql
from domains.order.editing.amounts import NOTHING
from domains.order.editing.models import EditPlan, NewEdit
from domains.order.editing.plans import EditPlans
from domains.order.editing.settlement import Settlement
from domains.order.errors import OrderExpired, OrderNotFound, RefundPermissionRequired
from domains.order.events import OrderEdited
from domains.order.models import Order, OrderEdit
from domains.order.payments.refunds import PendingRefund, Refunds
from domains.order.policy import ORDERS, may_reach
from domains.order.sales import postings
from domains.order.sales.sales import Sales
from domains.order.search import index
from domains.order.transitions import Step
from domains.payment.models import Refund


@dataclass(frozen=True, slots=True)
class EditedOrder:
    """An order after an edit, and the refunds of what it made too much."""

    order: Order
    edit: OrderEdit
    refunds: Sequence[Refund]


class Edits:
    """Edits orders. An edit is one transaction; the refunds that it records are sent after it."""

    def __init__(
        self,
        plans: EditPlans,
        inventory: InventoryService,
        sales: Sales,
        settlement: Settlement,
        refunds: Refunds,
        clock: Clock,
    ) -> None:
        self._plans = plans
        self._inventory = inventory
        self._sales = sales
        self._settlement = settlement
        self._refunds = refunds
        self._clock = clock

    async def preview(self, db: Reader, actor: Actor, order_id: UUID, new: NewEdit) -> EditPlan:
        """What an edit would make of an order, without its stock. Raises as `edit`; nothing is locked or written."""
        order = await data.order.find_unique(db, id=order_id)
        if order is None or not may_reach(actor, order, None, PermissionAction.UPDATE):
            raise OrderNotFound
        return await self._plans.of(db, order, new)

    async def edit(
        self, db: Database | Attempt, actor: Actor, order_id: UUID, new: NewEdit, *, refund: bool = True
    ) -> EditedOrder:
        """Change lines and the address of an order that is not shipped completely, all of it or nothing.

        Removed units are released, those on backorder first, and added ones reserved like those of a new order. What
        is left to pay then is expected from the buyer; what was paid above the new total is refunded with `refund`,
        which needs ORDERS:MANAGE, and else stays with the order. The edit has the id of the attempt, the ids of the
        refunds follow from it. Raises OrderNotFound, OrderExpired, RefundPermissionRequired, InsufficientStock,
        SkuNotFound, TooLong and InvalidInput for the reason, and as `EditPlans.of`. Emits OrderEdited;
        BackorderCancelled, BackorderAllocated, StockReleased, StockReserved, BackorderCreated, StockChanged; as
        `Settlement.record`; and as `Refunds.refund`.
        """
        attempt = Attempt.wrap(db)
        reason = optional_text(new.reason, field=("reason",), max_length=LINE_LENGTH)

        async def begin(tx: Tx) -> tuple[Order, OrderEdit, list[PendingRefund]]:
            order = await transitions.lock(tx, actor, order_id, None)
            done = await data.order_edit.find_unique(tx, id=attempt.id)
            if done is not None:
                return order, done, await self._refunds.find_started(tx, order, attempt.id)
            plan = await self._plans.of(tx, order, new)
            _require_allowed(actor, plan, self._clock.now(), is_refunded=refund)
            is_refunded = refund and plan.amount_overpaid > 0
            if is_refunded:  # balances are locked before stock
                await self._refunds.lock_balances(tx, order)
            row = _row(actor, attempt.id, plan, reason)
            order = await self._write(tx, actor, plan, row)
            edit = await data.order_edit.create(tx, row)
            pending: list[PendingRefund] = []
            if is_refunded:
                pending = await self._refunds.begin_overpayment(tx, actor, order, reason, attempt.id)
                order, pending = await self._refunds.settle(tx, actor, order, pending)
            if not pending:
                attempt.defer_outcome(tx, order_id=order.id, edit_id=edit.id)
            return order, edit, pending

        order, edit, pending = await attempt.run(begin, actor)
        order, refunds = await self._refunds.send_all(attempt, actor, order, pending)
        return EditedOrder(order, edit, refunds)

    async def of_orders(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderEdit]:
        """The edits of orders, oldest first; for those who may see them. One statement."""
        where: data.OrderEditWhere = {"order_id": {"in": list(order_ids)}}
        return await data.order_edit.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[OrderEdit]:
        """The edits with these ids, in no order; for staff. One statement."""
        return await data.order_edit.find_many(db, where={"id": {"in": list(ids)}})

    async def _write(self, tx: Tx, actor: Actor, plan: EditPlan, row: data.OrderEditCreate) -> Order:
        order = plan.order
        before = await sql.sold(tx, order.id) if postings.is_recognized(order) else None
        await self._change_stock(tx, actor, plan)
        await edit_sql.store(tx, plan)
        after = await sql.sold(tx, order.id)
        step = Step(_facts(plan, self._clock.now()), _comment(plan), is_noted=True)
        changed = await self._settlement.record(tx, actor, order, step, after)
        if before is not None:
            await self._sales.edit(tx, row["id"], changed, before, after)
        if plan.built.items or plan.address is not None:
            await index.reindex(tx, [order.id])
        tx.emit(
            OrderEdited(
                order_id=order.id,
                order_number=order.order_number,
                edit_id=row["id"],
                total_before=order.total,
                total_after=changed.total,
                currency=order.currency,
            )
        )
        return changed

    async def _change_stock(self, tx: Tx, actor: Actor, plan: EditPlan) -> None:
        """Release and reserve units. Raises InsufficientStock and SkuNotFound, which name the changes."""
        order, contents = plan.order, plan.contents
        added, dropped, digital = Counter(plan.built.units), Counter[str](), set(plan.built.digital)
        for line in plan.lines:
            offer, sku = contents.offers.get(line.item.id), contents.sku(line.item.id)
            if not sku:
                continue
            dropped[sku] += line.dropped
            if offer is not None and offer.is_tracked:
                added[sku] += line.added
            if not line.item.requires_shipping:
                digital.add(sku)
        to = await self._place(tx, plan)
        units = OrderUnits(order.id, +added, order.expires_at, to, order.pickup_warehouse_id, digital)
        is_moved = plan.address is not None
        try:
            await self._inventory.allocations.change(tx, actor, units, +dropped, contents.kept, is_moved=is_moved)
        except (InsufficientStock, SkuNotFound) as error:
            error.field = ("add_lines",) if plan.built.items else ("changes",)
            raise

    async def _place(self, tx: Tx, plan: EditPlan) -> Place | None:
        """Where the goods go."""
        if plan.address is not None:
            address = plan.address
            return Place.of(address["country"], address.get("province"), address["postal_code"] or None)
        if plan.order.shipping_address_id is None:
            return None
        stored = await data.order_address.find_unique(tx, id=plan.order.shipping_address_id)
        return None if stored is None else Place.of(stored.country, stored.province, stored.postal_code or None)


def _require_allowed(actor: Actor, plan: EditPlan, now: datetime, *, is_refunded: bool) -> None:
    """Raise OrderExpired, or RefundPermissionRequired for staff who may not refund what an edit makes too much."""
    expires_at = plan.order.expires_at
    if expires_at is not None and expires_at <= now:
        raise OrderExpired
    if is_refunded and plan.amount_overpaid and not actor.can(ORDERS, PermissionAction.MANAGE):
        raise RefundPermissionRequired


def _row(actor: Actor, edit_id: UUID, plan: EditPlan, reason: str | None) -> data.OrderEditCreate:
    return {
        "id": edit_id,
        "order_id": plan.order.id,
        "reason": reason,
        "total_before": plan.order.total,
        "total_after": plan.after.total,
        "currency": plan.order.currency,
        "changes": plan.changes,
        "created_by": actor.user_id,
        "actor_kind": actor.kind,
    }


def _facts(plan: EditPlan, now: datetime) -> OrderUpdate:
    """The columns of the order after the edit."""
    order, facts = plan.order, plan.totals
    wanted = plan.after.units_ordered - plan.after.units_dropped
    if order.units_delivered and order.units_delivered + order.units_sent_back >= wanted:
        facts["delivered_at"] = order.delivered_at or now
    if order.invoiced_total is not None and plan.changes_anything:
        facts["is_invoice_outdated"] = True
    if plan.address is not None and plan.terms is not None:
        facts["shipping_address_id"] = plan.address["id"]
        facts["earliest_delivery_date"] = plan.delivery.earliest if plan.delivery else None
        facts["estimated_delivery_date"] = plan.delivery.latest if plan.delivery else None
        facts["tax_rate"] = plan.terms.standard
        facts["tax_country"] = plan.terms.place.country if plan.terms.place else plan.address["country"]
    if order.shipping_weight is not None or plan.built.weight:
        weight = (order.shipping_weight or NOTHING) + plan.built.weight + _weight_of_changes(plan)
        facts["shipping_weight"] = max(weight, NOTHING).quantize(GRAM)
    return facts


def _weight_of_changes(plan: EditPlan) -> Decimal:
    """The kilograms by which changed lines make the goods heavier, by the present weights of their products."""
    total = NOTHING
    for line in plan.lines:
        offer = plan.contents.offers.get(line.item.id)
        if offer is not None and line.item.requires_shipping:
            total += (offer.weight or NOTHING) * (line.added - line.dropped)
    return total


def _comment(plan: EditPlan) -> str:
    before, after = (round_half_up(each.total, each.currency) for each in (plan.order, plan.after))
    return f"Order edited: the total was {before:f} and is {after:f} {plan.order.currency}"
