"""Reads invoices: of orders, by id, and in lists."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.permissions import PermissionAction
from domains.kernel.text.validation import NAME_LENGTH, require_bounded_length
from domains.order import data
from domains.order.invoices.errors import InvoiceNotFound
from domains.order.invoices.models import Invoice, InvoiceFilter
from domains.order.policy import may_reach

NEWEST_FIRST: Final = Sort("issued_at", datetime, "desc")
ALL_INVOICES: Final = InvoiceFilter()


class InvoiceListing:
    """Reads invoices and credit notes."""

    async def of_orders(self, db: Reader, order_ids: Collection[UUID]) -> list[Invoice]:
        """The invoices and credit notes of orders, oldest first; for those who may see the orders. One statement."""
        where: data.InvoiceWhere = {"order_id": {"in": list(order_ids)}}
        return await data.invoice.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def visible(
        self, db: Reader, actor: Actor, ids: Collection[UUID], token: str | None = None
    ) -> list[Invoice]:
        """Invoices of these ids that an actor may see, in no order: whoever may see the order. Two statements."""
        found = await data.invoice.find_many(db, where={"id": {"in": list(ids)}})
        of_orders = [invoice.order_id for invoice in found]
        orders = await data.order.find_many(db, where={"id": {"in": of_orders}}) if found else []
        seen = {order.id for order in orders if may_reach(actor, order, token, PermissionAction.READ)}
        return [invoice for invoice in found if invoice.order_id in seen]

    async def get(self, db: Reader, actor: Actor, invoice_id: UUID, *, token: str | None = None) -> Invoice:
        """An invoice, for whoever may see its order. Two statements. Raises InvoiceNotFound."""
        found = await self.visible(db, actor, [invoice_id], token)
        if not found:
            raise InvoiceNotFound
        return found[0]

    async def find(self, db: Reader, args: PageArgs, filters: InvoiceFilter = ALL_INVOICES) -> Page[Invoice]:
        """One page of the company's invoices and credit notes, newest first. Raises as `fetch_page`, and TooLong."""
        where: dict[str, Any] = {}
        if filters.kind is not None:
            where["kind"] = filters.kind
        if filters.order_id is not None:
            where["order_id"] = filters.order_id
        if filters.number is not None:
            require_bounded_length(filters.number, field=("number",), max_length=NAME_LENGTH)
            where["number"] = filters.number.strip()
        issued = {"gte": filters.issued_from, "lt": filters.issued_before}
        if any(issued.values()):
            where["issued_at"] = {name: value for name, value in issued.items() if value is not None}
        return await fetch_page(data.invoice, db, args, sort=NEWEST_FIRST, where=where)
