"""The content of invoices and credit notes, frozen when they are issued. Pure.

It has what the tax law asks for (Directive 2006/112/EC, article 226) and no more data of the buyer than that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.values.calendar import local_day
from domains.order.invoices.models import NOTHING, Content, Invoice, InvoiceKind
from domains.order.invoices.sources import Repayment, Sources
from domains.order.models import OrderAddress, OrderItem
from domains.payment.models import RefundLine
from domains.tax.european_union import MEMBERS, vat_territory

ITEM: Final = "ITEM"
SHIPPING: Final = "SHIPPING"
ADJUSTMENT: Final = "ADJUSTMENT"
EXPORT: Final = "EXPORT"


def invoice_content(sources: Sources, number: str, issued_at: datetime) -> Content:
    """The content of an invoice of all that the order costs now."""
    order = sources.order
    lines = [_item_line(item) for item in sources.items if item.quantity > item.dropped_quantity]
    shipping_tax = sum((tax.amount for tax in sources.taxes if tax.order_item_id is None), NOTHING)
    if order.shipping_cost:
        lines.append(_line(SHIPPING, order.shipping_method, order.shipping_cost, shipping_tax))
    paid = [payment for payment in sources.payments if payment.amount_captured > 0]
    return {
        **_head(sources, InvoiceKind.INVOICE, number, issued_at),
        "supplied": _day(sources, order.shipped_at or order.paid_at),
        "lines": lines,
        "taxes": _taxes((tax.name, tax.rate, tax.taxable, tax.amount) for tax in sources.taxes),
        "payments": [{"method": payment.method, "amount": _text(payment.amount_captured)} for payment in paid],
        **_sums(order.total, order.tax_amount),
    }


def refund_content(sources: Sources, number: str, issued_at: datetime, corrected: Invoice, of: Repayment) -> Content:
    """The content of a credit note for a refund."""
    names = {item.id: item for item in sources.items}
    lines = [_refund_line(line, names) for line in of.lines]
    if not lines:  # a refund from before refunds had lines
        lines = [_line(ADJUSTMENT, None, of.refund.amount, NOTHING)]
    return {
        **_head(sources, InvoiceKind.CREDIT_NOTE, number, issued_at),
        # The buyer of the invoice, whom the order does not name any more after an erasure.
        **{key: corrected.document[key] for key in ("buyer", "delivery")},
        **_correction(corrected),
        "reason": "REFUND",
        "supplied": None,
        "lines": lines,
        "taxes": _taxes(("", line.tax_rate, line.amount - line.tax, line.tax) for line in of.lines),
        "payments": [],
        **_sums(*sums_of(of)),
    }


def sums_of(repayment: Repayment) -> tuple[Decimal, Decimal]:
    """The total of a refund with its tax, and that tax."""
    if not repayment.lines:
        return repayment.refund.amount, NOTHING
    return sum((line.amount for line in repayment.lines), NOTHING), sum(
        (line.tax for line in repayment.lines), NOTHING
    )


def reversal_content(
    sources: Sources, number: str, issued_at: datetime, corrected: Invoice, credited: Sequence[Invoice]
) -> Content:
    """The content of a credit note of what is left of an invoice: its lines, less what was credited before."""
    before: Content = corrected.document
    earlier = [_line(ADJUSTMENT, note.number, -note.total, -note.tax) for note in credited]
    taxes = [_rate_of(tax) for tax in before["taxes"]]
    taxes += [
        (name, rate, -net, -tax)
        for note in credited
        for name, rate, net, tax in map(_rate_of, note.document["taxes"])
    ]
    total = corrected.total - sum((note.total for note in credited), NOTHING)
    tax = corrected.tax - sum((note.tax for note in credited), NOTHING)
    return {
        **before,
        **_head(sources, InvoiceKind.CREDIT_NOTE, number, issued_at),
        **{key: before[key] for key in ("buyer", "delivery", "exemption", "prices_include_tax")},
        **_correction(corrected),
        "reason": "REVERSAL",
        "lines": [*before["lines"], *earlier],
        "taxes": _taxes(taxes),
        "payments": [],
        **_sums(total, tax),
    }


def without_buyer(content: Content) -> Content:
    """The content without the buyer; a known country stays, as taxes depend on it."""
    return {key: _erased(value) if key in {"buyer", "delivery"} else value for key, value in content.items()}


def _erased(place: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return None if place is None else {"country": place.get("country")}


def _head(sources: Sources, kind: InvoiceKind, number: str, issued_at: datetime) -> Content:
    order, settings = sources.order, sources.settings
    billing = order.billing_address_id or order.shipping_address_id
    return {
        "kind": kind.value,
        "number": number,
        "issued": _day(sources, issued_at),
        "order_number": order.order_number,
        "ordered": _day(sources, order.created_at),
        "currency": order.currency,
        "seller": {
            "name": settings.legal_name,
            "line1": settings.address_line_1,
            "line2": settings.address_line_2,
            "postal_code": settings.postal_code,
            "city": settings.city,
            "province": settings.province,
            "country": settings.country,
            "vat_number": sources.tax.vat_number,
            "registration": settings.registration,
            "email": settings.email,
            "phone": settings.phone,
            "bank_details": settings.bank_details,
            "footer": settings.footer,
        },
        "buyer": {
            **(place_of(sources.addresses.get(billing)) if billing else {}),
            "vat_number": order.vat_number,
        },
        "delivery": _delivery(sources),
        "prices_include_tax": order.prices_include_tax,
        "exemption": _exemption(sources),
    }


def _correction(corrected: Invoice) -> Content:
    return {"corrects": {"number": corrected.number, "issued": corrected.document["issued"]}}


def _exemption(sources: Sources) -> str | None:
    """Why there is no tax: as the order says, or because its goods leave the European Union."""
    order = sources.order
    if order.tax_exemption is not None:
        return order.tax_exemption.value
    seller, goal = sources.settings.country, sources.addresses.get(order.shipping_address_id or order.id)
    if order.tax_amount or seller is None or goal is None:
        return None
    leaves = vat_territory(seller) in MEMBERS and vat_territory(goal.country) not in MEMBERS
    return EXPORT if leaves else None


def _delivery(sources: Sources) -> Mapping[str, Any] | None:
    order = sources.order
    if order.shipping_address_id is None or order.shipping_address_id == order.billing_address_id:
        return None
    return place_of(sources.addresses.get(order.shipping_address_id))


def place_of(address: OrderAddress | None) -> Mapping[str, Any]:
    """An address as documents have it; empty without one."""
    if address is None:
        return {}
    return {
        "name": address.full_name,
        "company": address.company_name,
        "line1": address.address_line_1,
        "line2": address.address_line_2,
        "postal_code": address.postal_code,
        "city": address.city,
        "province": address.province,
        "country": address.country,
    }


def _item_line(item: OrderItem) -> Mapping[str, Any]:
    return {
        "kind": ITEM,
        "sku": item.sku,
        "name": _name(item),
        "quantity": item.quantity - item.dropped_quantity,
        "unit_price": _text(item.unit_price),
        "discount": _text(item.discount_amount),
        "tax_rate": _text(item.tax_rate),
        "tax": _text(item.tax_amount),
        "total": _text(item.total_price),
    }


def _refund_line(line: RefundLine, items: Mapping[UUID, OrderItem]) -> Mapping[str, Any]:
    item = items.get(line.order_item_id) if line.order_item_id is not None else None
    made = _line(line.kind.value, _name(item) if item else None, line.amount, line.tax)
    return {**made, "sku": item.sku if item else None, "quantity": line.quantity, "tax_rate": _text(line.tax_rate)}


def _line(kind: str, name: str | None, total: Decimal, tax: Decimal) -> dict[str, Any]:
    of_item = dict.fromkeys(("sku", "quantity", "unit_price", "discount", "tax_rate"))
    return {"kind": kind, "name": name, **of_item, "tax": _text(tax), "total": _text(total)}


def _name(item: OrderItem) -> str:
    return f"{item.product_name}, {item.variant_name}" if item.variant_name else item.product_name


def _taxes(rows: Iterable[tuple[str, Decimal, Decimal, Decimal]]) -> list[Mapping[str, Any]]:
    """Taxes summed up by name and rate, highest rate first, without those that add up to nothing."""
    sums: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for name, rate, net, tax in rows:
        net_before, tax_before = sums.get((name, rate), (NOTHING, NOTHING))
        sums[name, rate] = net_before + net, tax_before + tax
    return [
        {"name": name, "rate": _text(rate), "net": _text(net), "tax": _text(tax)}
        for (name, rate), (net, tax) in sorted(sums.items(), key=lambda each: (-each[0][1], each[0][0]))
        if net or tax
    ]


def _rate_of(tax: Mapping[str, Any]) -> tuple[str, Decimal, Decimal, Decimal]:
    return tax["name"], Decimal(tax["rate"]), Decimal(tax["net"]), Decimal(tax["tax"])


def _sums(total: Decimal, tax: Decimal) -> Content:
    return {"net": _text(total - tax), "tax": _text(tax), "total": _text(total)}


def _day(sources: Sources, moment: datetime | None) -> str | None:
    return None if moment is None else local_day(moment, sources.company.time_zone).isoformat()


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
