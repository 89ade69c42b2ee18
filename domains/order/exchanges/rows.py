"""The rows of an exchange order: itself, its addresses, lines, taxes, history and search terms."""

from dataclasses import replace
from datetime import date, datetime

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.prisma.statements import Statement
from domains.order import data, summary, transitions
from domains.order.checkout.number_patterns import format_number
from domains.order.editing.line_terms import LineTerms
from domains.order.exchanges.models import NOTHING, ExchangeDraft
from domains.order.models import Order, OrderStatus
from domains.order.search import index


def order(
    draft: ExchangeDraft, terms: LineTerms, pattern: str, day: date, at: datetime, pay_until: datetime
) -> data.OrderCreate:
    """The row of an exchange order, which has no discounts and costs nothing to ship; a free one is accepted."""
    replaced, lines = draft.replaced, draft.lines
    accepted_at = None if lines.total else at
    facts = replace(draft.facts, accepted_at=accepted_at)
    row: data.OrderCreate = {
        "id": draft.ticket.order_id,
        "order_number": format_number(pattern, draft.ticket.number, day),
        "user_id": replaced.user_id,
        "email": replaced.email,
        "email_confirmed": replaced.email_confirmed,
        "prices_include_tax": replaced.prices_include_tax,
        "vat_number": replaced.vat_number,
        "language": replaced.language,
        "status": summary.status(facts),
        "payment_status": summary.payment_status(facts),
        "fulfilment_status": summary.fulfilment_status(facts),
        "units_ordered": facts.ordered,
        "units_digital": facts.digital,
        "currency": replaced.currency,
        "subtotal": lines.subtotal,
        "tax_amount": lines.tax,
        "shipping_cost": NOTHING,
        "discount_amount": NOTHING,
        "total": lines.total,
        "tax_rate": terms.standard,
        "tax_exemption": terms.taxes.exemption,
        "tax_country": terms.place.country if terms.place else replaced.tax_country,
        "shipping_address_id": draft.shipping["id"] if draft.shipping else None,
        "billing_address_id": draft.billing["id"],
        "exchanged_order_id": replaced.id,
        "accepted_at": accepted_at,
        "expires_at": pay_until if lines.total else None,
        "created_at": at,
    }
    if facts.ordered > facts.digital:
        _ship_alike(row, replaced)
        row["shipping_weight"] = lines.weight or None
    return row


def rows_of_order(tx: Tx, actor: Actor, draft: ExchangeDraft, row: data.OrderCreate) -> list[Statement]:
    """The addresses, lines, taxes, history and search terms of an exchange order."""
    comment, items = f"Exchange for {draft.replaced.order_number}", list(draft.lines.items)
    history = [transitions.entry(actor, row["id"], None, OrderStatus.PENDING, comment)]
    if not draft.lines.total:
        accepted = transitions.entry(actor, row["id"], OrderStatus.PENDING, OrderStatus.CONFIRMED, "Nothing to pay")
        history.append(accepted)
    return [
        data.order_address.insertion(tx, draft.addresses),
        data.order_item.insertion(tx, items),
        data.order_tax.insertion(tx, list(draft.lines.taxes)),
        data.order_status_history.insertion(tx, history),
        data.order_search.insertion(tx, [index.entry(draft.replaced.company_id, row, draft.addresses, items)]),
    ]


def _ship_alike(row: data.OrderCreate, replaced: Order) -> None:
    row["shipping_method_id"] = replaced.shipping_method_id
    row["shipping_method"] = replaced.shipping_method
    row["shipping_carrier"] = replaced.shipping_carrier
    row["shipping_service_type"] = replaced.shipping_service_type
    row["pickup_warehouse_id"] = replaced.pickup_warehouse_id
