"""The rows of a new order: itself, its addresses, lines, taxes, promotions, adjustments, history, search terms."""

from collections.abc import Sequence
from uuid import UUID

from domains.auth.sessions.tokens import digest
from domains.cart.shipping.choices import shipped_lines
from domains.catalog.products.measures import GRAM
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.prisma.statements import Statement
from domains.kernel.values.calendar import local_day
from domains.order import data, summary, transitions
from domains.order.checkout import limits, snapshots
from domains.order.checkout.drafts import CheckoutInput, OrderDraft
from domains.order.checkout.number_patterns import format_number
from domains.order.models import OrderStatus
from domains.order.search import index
from domains.order.summary import OrderFacts
from domains.pricing.models import LineQuote
from domains.tax.models import rate_of


def items(draft: OrderDraft) -> list[data.OrderItemCreate]:
    """The rows of the lines of an order."""
    currency = draft.totals.currency
    totals = {total.key: total for total in draft.totals.lines}
    shipped = shipped_lines(draft.contents)
    return [
        snapshots.item(draft.id, line, totals[line.id], currency, is_shipped=line.id in shipped)
        for line in draft.contents.lines
    ]


def _quotes_of(draft: OrderDraft, items: Sequence[data.OrderItemCreate]) -> list[tuple[UUID, LineQuote]]:
    """The ids of the order's lines, each with its quote."""
    totals = {total.key: total for total in draft.totals.lines}
    return [(item["id"], totals[line.id]) for item, line in zip(items, draft.contents.lines, strict=True)]


def rows_of_order(
    tx: Tx,
    actor: Actor,
    draft: OrderDraft,
    row: data.OrderCreate,
    items: Sequence[data.OrderItemCreate],
) -> list[Statement]:
    """The addresses, lines, taxes, promotions, adjustments, history and search terms of an order."""
    quotes = _quotes_of(draft, items)
    return [
        data.order_address.insertion(tx, draft.addresses.rows),
        data.order_item.insertion(tx, items),
        data.order_tax.insertion(tx, snapshots.taxes(draft.id, quotes, draft.totals)),
        data.order_promotion.insertion(tx, snapshots.promotions(draft.id, draft.totals)),
        data.order_adjustment.insertion(tx, snapshots.adjustments(draft.id, quotes, draft.totals)),
        data.order_status_history.insertion(tx, _initial_history(actor, draft)),
        data.order_search.insertion(tx, [index.entry(draft.company.id, row, draft.addresses.rows, items)]),
    ]


def _initial_history(actor: Actor, draft: OrderDraft) -> list[data.OrderStatusHistoryCreate]:
    first = transitions.entry(actor, draft.id, None, OrderStatus.PENDING, None)
    if not draft.is_free:
        return [first]
    accepted = transitions.entry(actor, draft.id, OrderStatus.PENDING, OrderStatus.CONFIRMED, "Nothing to pay")
    return [first, accepted]


def order(draft: OrderDraft, validated: CheckoutInput) -> data.OrderCreate:
    """The row of an order."""
    totals, facts = draft.totals, _facts(draft)
    settings, at, addresses = draft.settings, draft.quote.at, draft.addresses
    day = local_day(at, draft.company.time_zone)
    row: data.OrderCreate = {
        "id": draft.id,
        "order_number": format_number(settings.order_number_pattern, draft.ticket.number, day),
        "user_id": draft.user_id,
        "email": draft.email,
        "email_confirmed": draft.buyer.email_confirmed,
        "card_limited": any(each.source_id in draft.quote.first_orders for each in totals.adjustments),
        "guest_token_hash": digest(draft.token) if draft.token else None,
        "status": summary.status(facts),
        "payment_status": summary.payment_status(facts),
        "fulfilment_status": summary.fulfilment_status(facts),
        "units_ordered": facts.ordered,
        "units_digital": facts.digital,
        "accepted_at": facts.accepted_at,
        "currency": totals.currency,
        "subtotal": totals.subtotal,
        "tax_amount": totals.tax,
        "shipping_cost": totals.shipping.total,
        "discount_amount": totals.discount,
        "total": totals.total,
        "tax_rate": rate_of(draft.quote.terms.taxes.standard),
        "prices_include_tax": totals.prices_include_tax,
        "vat_number": validated.vat_number,
        "tax_exemption": totals.exemption,
        "shipping_address_id": addresses.shipping["id"] if addresses.shipping else None,
        "billing_address_id": addresses.billing["id"],
        "tax_country": draft.country,
        "notes": validated.notes,
        "language": validated.language,
        "created_at": at,
        "expires_at": None if draft.is_free else limits.pay_until(settings, at),
        "placed_from": draft.ticket.network,
    }
    _add_shipping(row, draft)
    return row


def _add_shipping(row: data.OrderCreate, draft: OrderDraft) -> None:
    """Add the shipping method as it is now; nothing for goods that are not shipped."""
    option, consignment = draft.shipping_option, draft.totals.shipping.consignment
    if option is None or consignment is None:
        return
    row["shipping_method_id"] = option.method_id
    row["shipping_method"] = option.name
    row["shipping_carrier"] = option.carrier
    row["shipping_service_type"] = option.service_type.value
    row["shipping_weight"] = consignment.weight.quantize(GRAM)
    row["pickup_warehouse_id"] = option.pickup_warehouse_id
    if draft.delivery is not None:
        row["earliest_delivery_date"] = draft.delivery.earliest
        row["estimated_delivery_date"] = draft.delivery.latest


def _facts(draft: OrderDraft) -> OrderFacts:
    """The facts of a new order; a free one is accepted at once."""
    lines, shipped, currency = draft.contents.lines, shipped_lines(draft.contents), draft.totals.currency
    totals = {total.key: total for total in draft.totals.lines}
    digital = [
        line for line in lines if snapshots.is_digital(line, totals[line.id], currency, is_shipped=line.id in shipped)
    ]
    return OrderFacts(
        total=draft.totals.total,
        ordered=sum(line.quantity for line in lines),
        digital=sum(line.quantity for line in digital),
        accepted_at=draft.quote.at if draft.is_free else None,
    )
