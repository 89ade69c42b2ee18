"""Personal data of the order domain: orders stay with their figures, without what identifies the buyer."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import ERASED, OF_PERSON, Erasure, Person, erase_events, exported
from domains.order import data, events
from domains.order.errors import OrdersOpen
from domains.order.models import OrderAdjustmentSource
from domains.order.search import index
from domains.order.service import OrderService
from domains.shipping.shipments.personal_data import erase_parcels, export_parcels

ORDERS: Final = f"select id from orders where company_id = $1 and {OF_PERSON} order by id"  # noqa: S608 - fixed text
OPEN: Final = """
select order_number from orders
where company_id = $1 and id = any($2) and (
  status in ('PENDING', 'PAYMENT_PENDING', 'CONFIRMED', 'PROCESSING', 'PAID', 'SHIPPED')
  or open_attempts > 0 or amount_authorized > 0
  or status = 'DELIVERED' and total > amount_captured - amount_repaid
  or (cancelled_at is not null or failed_at is not null) and amount_captured > amount_refunded)
order by id
"""
ANONYMIZE_ADDRESSES: Final = """
update order_addresses a
set full_name = $3, company_name = null, address_line_1 = $3, address_line_2 = null, city = $3, postal_code = '',
    province = null, phone = null
from orders o
where a.company_id = $1 and o.company_id = $1 and o.id = any($2)
  and (a.id in (o.shipping_address_id, o.billing_address_id) or a.id in (
    select (e.changes -> 'address' ->> 'from')::uuid from order_edits e
    where e.company_id = $1 and e.order_id = o.id))
"""
ANONYMIZE: Final = """
update orders
set user_id = case when user_id is not null then $3::uuid end, email = $4, guest_token_hash = null,
    placed_from = null, notes = null, vat_number = null, hold_reason = null, updated_at = $5
where company_id = $1 and id = any($2)
"""
MOVE: Final = "update orders set user_id = $3, updated_at = $4 where company_id = $1 and id = any($2)"
NOT_EXPORTED: Final = ("guest_token_hash", "placed_from")


async def export_person(orders: OrderService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The orders with addresses, lines, promotions, history, invoices, parcels and payments, oldest first."""
    ids = await orders_of(db, person)
    found = await data.order.find_many(db, where={"id": {"in": ids}}, order_by=[{"id": "asc"}])
    places = [place for order in found for place in (order.shipping_address_id, order.billing_address_id) if place]
    of_orders: Any = {"order_id": {"in": ids}}
    edits = await data.order_edit.find_many(db, where=of_orders, order_by=[{"id": "asc"}])
    places += [UUID(moved["from"]) for edit in edits if (moved := edit.changes["address"]) and moved["from"]]
    return {
        "orders": exported(found, without=NOT_EXPORTED),
        "order_addresses": exported(await data.order_address.find_many(db, where={"id": {"in": places}})),
        "order_items": exported(await data.order_item.find_many(db, where=of_orders, order_by=[{"id": "asc"}])),
        "order_taxes": exported(await data.order_tax.find_many(db, where=of_orders, order_by=[{"id": "asc"}])),
        "order_promotions": exported(await data.order_promotion.find_many(db, where=of_orders)),
        "order_adjustments": exported(
            await data.order_adjustment.find_many(db, where=of_orders, order_by=[{"id": "asc"}]),
            without=("created_by",),
        ),
        "order_notes": exported(
            await data.order_note.find_many(db, where=of_orders, order_by=[{"id": "asc"}]), without=("created_by",)
        ),
        "order_edits": exported(edits, without=("created_by",)),
        "order_history": exported(
            await data.order_status_history.find_many(db, where=of_orders, order_by=[{"id": "asc"}])
        ),
        "invoices": exported(
            await data.invoice.find_many(db, where=of_orders, order_by=[{"id": "asc"}]), without=("erase_at",)
        ),
        **await export_parcels(db, ids),
        **await orders.payment_details.export(db, ids),
    }


async def erase_person(orders: OrderService, tx: Tx, erasure: Erasure) -> int:
    """Anonymize the orders. Numbers, figures, lines, times and the country of the addresses stay.

    Notes of staff on them are deleted, reasons of edits and discounts and the texts of their parcels removed. A user
    who wrote notes or gave discounts is replaced as their author.
    Invoices name their buyer until the years are over for which the law demands to keep them.

    Raises OrdersOpen for an order that is not completed, or delivered and not paid.
    """
    ids = await orders_of(tx, erasure.person, lock=True)
    if open_orders := await tx.fetch(OPEN, tx.company_id, ids):
        raise OrdersOpen([row["order_number"] for row in open_orders])
    for user_id in erasure.replaced_ids:
        await tx.fetch_value("select erase_order_authors($1, $2)", user_id, erasure.erased_id)
        where: data.OrderAdjustmentWhere = {"created_by": user_id}
        await data.order_adjustment.update_many(tx, where=where, data={"created_by": erasure.erased_id})
        written: data.OrderNoteWhere = {"created_by": user_id}
        await data.order_note.update_many(tx, where=written, data={"created_by": erasure.erased_id})
        by_user: data.OrderEditWhere = {"created_by": user_id}
        await data.order_edit.update_many(tx, where=by_user, data={"created_by": erasure.erased_id})
    if not ids:
        return 0
    now = tx.clock.now()
    await tx.execute(ANONYMIZE_ADDRESSES, tx.company_id, ids, ERASED)
    await data.order_edit.update_many(tx, where={"order_id": {"in": ids}}, data={"reason": None})
    discounts: data.OrderAdjustmentWhere = {"order_id": {"in": ids}, "source_type": OrderAdjustmentSource.MANUAL}
    await data.order_adjustment.update_many(tx, where=discounts, data={"name": ERASED})
    await tx.execute(ANONYMIZE, tx.company_id, ids, erasure.erased_id, erasure.email, now)
    await tx.fetch_value("select erase_order_comments($1)", ids)
    await data.order_note.delete_many(tx, where={"order_id": {"in": ids}})
    await orders.invoices.retention.schedule(tx, ids)
    await erase_parcels(tx, ids)
    await orders.payment_details.erase(tx, ids)
    await index.reindex(tx, ids)
    await erase_events(tx, (events.OrderCreated, events.OrderCancelled), ids, erasure.email)
    return len(ids)


async def merge_person(_orders: OrderService, tx: Tx, person: Person, user_id: UUID) -> int:
    """Move the orders. The order tokens of a guest stay valid, and each order keeps its address."""
    return await tx.execute(MOVE, tx.company_id, await orders_of(tx, person, lock=True), user_id, tx.clock.now())


async def orders_of(db: Reader, person: Person, *, lock: bool = False) -> list[UUID]:
    """The ids of the orders of a person, by id; with `lock` they are locked. One statement."""
    locking = " for no key update" if lock else ""
    return [row["id"] for row in await db.fetch(f"{ORDERS}{locking}", db.company_id, *person.keys)]
