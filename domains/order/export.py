"""The export of orders as CSV, page by page."""

import csv
import io
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.kernel.text.csv_injection import neutralize_formulas
from domains.kernel.values.money import Money, round_half_up
from domains.order import data, sql
from domains.order.models import Order, OrderAddress, OrderFilter, OrderItem
from domains.order.search.listing import conditions_of

PAGE_SIZE: Final = 250
# RFC 4180, section 2.1.
CRLF: Final = "\r\n"
HEADER: Final = (
    "Number", "Status", "Created at", "Paid at", "Shipped at", "Delivered at", "Cancelled at", "E-mail",
    "Payment method", "Currency", "Subtotal", "Discount", "Shipping", "Tax", "Total", "Refunded", "Promotions",
    "Tracking number", "Notes", "Ship to", "Company", "Address", "Address 2", "City", "Province", "Postal code",
    "Country", "Phone", "Shipping method", "Carrier", "Weight (kg)", "Estimated delivery", "Line SKU", "Line name",
    "Line quantity", "Line unit price", "Line discount", "Line tax", "Line total",
)  # fmt: skip
DESTINATION: Final = (
    "full_name", "company_name", "address_line_1", "address_line_2", "city", "province", "postal_code", "country",
    "phone",
)  # fmt: skip
START: Final = datetime(1, 1, 2, tzinfo=UTC)


class Export:
    """Exports the orders of a company."""

    def __init__(self, company: CompanyService) -> None:
        self._company = company

    async def time_zone(self, db: Reader) -> str:
        """The time zone in which orders are numbered and exported (IANA). Raises CompanyNotFound."""
        return (await self._company.current(db)).time_zone

    async def csv(self, db: Reader, filters: OrderFilter | None = None) -> AsyncIterator[bytes]:
        """The company's orders as CSV, oldest first: a row for each line, the order's cells on its first row.

        Times are in the company's time zone, with their offset. Of the filter, `mine`, `user_id` and `search` are
        ignored. Three statements for 250 orders. Raises CompanyNotFound, RangeInverted.
        """
        zone = ZoneInfo(await self.time_zone(db))
        # The arguments of a page come first, and those of the filter after them.
        values: list[Any] = [None] * 4
        where = conditions_of(filters or OrderFilter(), values)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator=CRLF)
        writer.writerow(HEADER)
        after, last = START, UUID(int=0)
        width = len(data.OrderRow.__dataclass_fields__)
        while records := await sql.export_after(db, after, last, PAGE_SIZE, where, values[4:]):
            orders = [(data.order.from_record(record), _address(record, width)) for record in records]
            ids = [order.id for order, _ in orders]
            items, promotions = await _items(db, ids), await _promotions(db, ids)
            for order, address in orders:
                order_cells = [
                    *_order_cells(order, zone, promotions[order.id]),
                    *_destination(address),
                    *_shipping(order),
                ]
                writer.writerows(_rows(order, order_cells, items[order.id]))
            yield _drain(text)
            after, last = orders[-1][0].created_at, orders[-1][0].id
        yield _drain(text)


def _address(record: Any, start: int) -> OrderAddress | None:
    return None if record[start] is None else data.order_address.from_record(record, start)


async def _items(db: Reader, order_ids: Sequence[UUID]) -> dict[UUID, list[OrderItem]]:
    by_order: defaultdict[UUID, list[OrderItem]] = defaultdict(list)
    where: data.OrderItemWhere = {"order_id": {"in": order_ids}}
    for row in await data.order_item.find_many(db, where=where, order_by=[{"id": "asc"}]):
        by_order[row.order_id].append(row)
    return by_order


async def _promotions(db: Reader, order_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The promotions of orders: the code, or the name of one without a code."""
    by_order: defaultdict[UUID, list[str]] = defaultdict(list)
    where: data.OrderPromotionWhere = {"order_id": {"in": order_ids}}
    for row in await data.order_promotion.find_many(db, where=where, order_by=[{"id": "asc"}]):
        by_order[row.order_id].append(row.promo_code or row.promotion_name)
    return by_order


def _rows(order: Order, order_cells: list[str], items: Sequence[OrderItem]) -> Iterator[list[str]]:
    for item in items:
        name = f"{item.product_name} ({item.variant_name})" if item.variant_name else item.product_name
        price = format(Money(item.unit_price, order.currency).shown(), "f")
        amounts = _amounts(order.currency, item.discount_amount, item.tax_amount, item.total_price)
        yield [
            *order_cells,
            _plain(item.sku),
            _plain(name),
            str(item.quantity - item.dropped_quantity),
            price,
            *amounts,
        ]
        order_cells = [order.order_number, *[""] * (len(order_cells) - 1)]


def _order_cells(order: Order, zone: ZoneInfo, promotions: Sequence[str]) -> list[str]:
    costs = (order.subtotal, order.discount_amount, order.shipping_cost, order.tax_amount, order.total)
    return [
        _plain(order.order_number),
        order.status.value,
        _moment(order.created_at, zone),
        _moment(order.paid_at, zone),
        _moment(order.shipped_at, zone),
        _moment(order.delivered_at, zone),
        _moment(order.cancelled_at, zone),
        _plain(order.email),
        order.payment_method or "",
        order.currency,
        *_amounts(order.currency, *costs, order.amount_refunded),
        _plain(", ".join(promotions)),
        _plain(order.tracking_number),
        _plain(order.notes),
    ]


def _destination(address: OrderAddress | None) -> list[str]:
    if address is None:
        return [""] * len(DESTINATION)
    return [_plain(getattr(address, name)) for name in DESTINATION]


def _shipping(order: Order) -> list[str]:
    """The shipping method; empty for an order without one."""
    weight, day = order.shipping_weight, order.estimated_delivery_date
    return [
        _plain(order.shipping_method),
        _plain(order.shipping_carrier),
        "" if weight is None else f"{weight:f}",
        "" if day is None else day.isoformat(),
    ]


def _plain(text: str | None) -> str:
    """Text that a spreadsheet does not run as a formula: names, notes and addresses are entered by buyers."""
    return neutralize_formulas(text or "")


def _amounts(currency: str, *amounts: Decimal) -> list[str]:
    """Amounts at the currency's scale."""
    return [format(round_half_up(amount, currency), "f") for amount in amounts]


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


def _drain(text: io.StringIO) -> bytes:
    content = text.getvalue()
    text.seek(0)
    text.truncate()
    return content.encode()
