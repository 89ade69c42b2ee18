"""Invariants of orders over whole tables, for `commerce doctor`."""

from collections.abc import Mapping
from typing import Any, Final

from domains.kernel.invariants import Invariant, RowInvariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts
from domains.order.sales import invariants as sales
from domains.order.sales import tax_invariants
from domains.order.search.index import SEARCHABLE
from domains.order.summary import COLUMNS, OrderFacts, summaries
from domains.payment.fragments import ORDER_SUMS

INVARIANTS: Final = (
    Invariant(
        "The lines of each order and its shipping add up to its total",
        """
        select o.company_id, o.order_number, o.total, o.shipping_cost, o.currency,
               coalesce(sum(i.total_price), 0) as lines
        from orders o
        left join order_items i on i.company_id = o.company_id and i.order_id = o.id
        group by o.id
        having coalesce(sum(i.total_price), 0) + o.shipping_cost <> o.total
            or count(*) filter (where i.currency <> o.currency) > 0 or count(i.id) = 0
        limit 20
        """,
        "An order was written outside the order domain. `commerce doctor --order NUMBER` shows its timeline.",
    ),
    Invariant(
        "The status of each order is the last one in its history",
        """
        select o.company_id, o.order_number, o.status, last.to_status as in_history
        from orders o
        left join lateral (
            select to_status from order_status_history h
            where h.company_id = o.company_id and h.order_id = o.id order by h.id desc limit 1
        ) last on true
        where last.to_status is distinct from o.status
        limit 20
        """,
        "A status was changed outside the order domain. `commerce doctor --order NUMBER` shows the order's timeline.",
    ),
    Invariant(
        "An order is paid exactly when its whole total was captured; after an edit it may have another one",
        """
        select company_id, order_number, status, total, paid_at, amount_captured from orders
        where (paid_at is not null and amount_captured <> total
              and not exists (
                select from order_edits e where e.company_id = orders.company_id and e.order_id = orders.id))
            or (paid_at is null and amount_captured - amount_repaid >= total and total > 0)
        limit 20
        """,
        "Compare the order's payments with the provider's records, and refund the excess.",
    ),
    Invariant(
        "The sums of each order are those of its payments and refunds",
        f"""
        select o.company_id, o.order_number, o.status, o.amount_captured, o.amount_refunded,
               o.amount_charged_back, o.open_attempts, o.failed_attempts, s.captured, s.refunded, s.charged_back,
               s.authorized, s.open_attempts as open_in_payments,
               s.failed_attempts as failed_in_payments
        from orders o
        left join ({ORDER_SUMS}) s on s.company_id = o.company_id and s.order_id = o.id
        where (o.amount_captured, o.amount_refunded, o.amount_charged_back, o.amount_authorized, o.open_attempts,
              o.failed_attempts)
            is distinct from (coalesce(s.captured, 0), coalesce(s.refunded, 0), coalesce(s.charged_back, 0),
              coalesce(s.authorized, 0), coalesce(s.open_attempts, 0), coalesce(s.failed_attempts, 0))
        limit 20
        """,  # noqa: S608 - a fragment of the payment domain
        "A payment was written outside the order domain. `commerce doctor --order NUMBER` shows its timeline.",
    ),
    Invariant(
        "What was returned because it was too much is that of the refunds of edited orders",
        """
        select o.company_id, o.order_number, o.amount_repaid, coalesce(l.repaid, 0) as in_refunds
        from orders o left join (
            select l.company_id, l.order_id, sum(l.amount) as repaid
            from refund_lines l
            join refunds r on r.company_id = l.company_id and r.id = l.refund_id and r.status = 'SUCCEEDED'
            join payments p on p.company_id = r.company_id and p.id = r.payment_id and p.status = 'SUCCEEDED'
              and p.cancel_requested_at is null
            where l.kind = 'OVERPAYMENT' group by 1, 2
        ) l on l.company_id = o.company_id and l.order_id = o.id
        where o.amount_repaid <> coalesce(l.repaid, 0) or o.amount_repaid > o.amount_refunded
            or o.amount_repaid > 0 and not exists (
                select from order_edits e where e.company_id = o.company_id and e.order_id = o.id)
        limit 20
        """,
        "A refund was written outside the order domain. `commerce doctor --order NUMBER` shows its timeline.",
    ),
    Invariant(
        "The units of each order are those of its lines",
        """
        select o.company_id, o.order_number, o.units_ordered, coalesce(sum(i.quantity), 0) as in_lines,
               o.units_dropped, coalesce(sum(i.dropped_quantity), 0) as dropped_in_lines, o.units_digital,
               coalesce(sum(i.quantity - i.dropped_quantity) filter (where not i.requires_shipping), 0) as not_shipped
        from orders o left join order_items i on i.company_id = o.company_id and i.order_id = o.id
        group by o.id having coalesce(sum(i.quantity), 0) <> o.units_ordered
            or coalesce(sum(i.dropped_quantity), 0) <> o.units_dropped and not (
              o.units_dropped > coalesce(sum(i.dropped_quantity), 0) and o.amount_refunded > o.amount_repaid
              and o.units_dropped = o.units_ordered - o.units_shipped)
            or coalesce(sum(i.quantity - i.dropped_quantity) filter (where not i.requires_shipping), 0)
              <> o.units_digital
        limit 20
        """,
        "An order was written outside the order domain. `commerce doctor --order NUMBER` shows its timeline.",
    ),
    Invariant(
        "Each sold gift card was issued with the payment of its order, unless it was refunded before",
        """
        select o.company_id, o.order_number, o.paid_at, i.id as order_item, i.quantity, cards.issued, refunded.units
        from order_items i
        join orders o on o.company_id = i.company_id and o.id = i.order_id
        cross join lateral (
            select count(*) as issued from gift_cards g where g.company_id = i.company_id and g.order_item_id = i.id
        ) cards
        cross join lateral (
            select coalesce(sum(l.quantity), 0) as units from refund_lines l
            join refunds r on r.company_id = l.company_id and r.id = l.refund_id and r.status <> 'FAILED'
            where l.company_id = i.company_id and l.order_item_id = i.id
        ) refunded
        where i.is_gift_card and case when o.paid_at is null then cards.issued > 0
            else cards.issued not between i.quantity - i.dropped_quantity - refunded.units
              and i.quantity - i.dropped_quantity end
        limit 20
        """,
        "An order or a gift card was written outside the order domain. Issue by hand what is missing.",
    ),
    Invariant(
        "Units are reserved only for orders that are not shipped and have not ended",
        """
        select r.company_id, r.order_id, o.order_number, o.status, r.quantity
        from reservations r
        left join orders o on o.company_id = r.company_id and o.id = r.order_id
        where r.status = 'ACTIVE' and r.order_id is not null
          and (o.id is null or o.status not in ('PENDING', 'PAYMENT_PENDING', 'CONFIRMED', 'PAID', 'PROCESSING'))
        limit 20
        """,
        "An order was closed outside the order domain. `commerce doctor --order NUMBER` shows its timeline; "
        "`InventoryService.reservations.release` releases its units.",
    ),
    Invariant(
        "A completely refunded order has ended, unless it is being shipped",
        """
        select company_id, order_number, status, amount_captured, amount_refunded from orders
        where amount_captured > amount_repaid and amount_refunded >= amount_captured
          and status not in ('SHIPPED', 'REFUNDED', 'FAILED')
        limit 20
        """,
        "A job closes such orders within ten minutes. Check that `commerce serve` or `commerce worker` is running.",
    ),
    Invariant(
        "The captured amount of a cancelled or failed order is refunded",
        f"""
        select o.company_id, o.order_number, o.status, o.amount_captured
        from orders o
        join ({ORDER_SUMS}) s on s.company_id = o.company_id and s.order_id = o.id
        where (o.cancelled_at is not null and o.status <> 'REFUNDED' or o.failed_at is not null)
          and s.captured > s.refunded + s.refunding + s.charged_back
        limit 20
        """,  # noqa: S608 - a fragment of the payment domain
        "The provider refused the refund, or the shop won a dispute after the order was cancelled. Refund the order "
        "again, or refund outside the provider.",
    ),
    Invariant(
        "A failed or cancelled order uses no promotion and no coupon",
        """
        select u.company_id, o.order_number, o.status, u.promotion_id
        from (select company_id, order_id, promotion_id, released_at from promotion_uses
              union all
              select company_id, order_id, coupon_id, released_at from coupon_usages) u
        join orders o on o.company_id = u.company_id and o.id = u.order_id
        where u.released_at is null and (o.status = 'FAILED' or o.cancelled_at is not null)
        limit 20
        """,
        "A use was not released. `commerce doctor --order NUMBER` shows the order's timeline.",
    ),
    Invariant(
        "A closed company has no order to settle, ship or refund",
        """
        select o.company_id, c.slug, o.order_number, o.status, o.total, o.currency
        from orders o
        join companies c on c.id = o.company_id
        where not c.is_active and (
            o.status in ('PAYMENT_PENDING', 'PAID') or (o.status = 'PROCESSING' and o.paid_at is not null)
            or o.open_attempts > 0)
        order by o.created_at limit 20
        """,
        "A job reconciles open payments within minutes. For paid orders that were not shipped, activate the company, "
        "ship or refund these orders, and close it again.",
    ),
    Invariant(
        "The buyer history counts exactly the paid orders that were neither cancelled nor refunded",
        """
        select o.company_id, o.order_number, o.status, o.paid_at, b.paid_at as counted_since, b.withdrawn_at
        from orders o
        left join buyer_orders b on b.company_id = o.company_id and b.order_id = o.id
        where (b.paid_at is not null and b.withdrawn_at is null) <> (
            o.paid_at is not null and o.cancelled_at is null
            and (o.amount_refunded < o.amount_captured or o.amount_repaid = o.amount_captured))
        limit 20
        """,
        "An order was paid or ended outside the order domain. `commerce doctor --order NUMBER` shows its timeline.",
    ),
    Invariant(
        "The reservations of an order expire at the same time as the order",
        """
        select o.company_id, o.order_number, o.status, o.expires_at, r.expires_at as reserved_until, r.quantity
        from reservations r join orders o on o.company_id = r.company_id and o.id = r.order_id
        where r.status = 'ACTIVE' and r.expires_at is distinct from o.expires_at
        limit 20
        """,
        "An order's time was changed outside the order domain. `commerce doctor --order NUMBER` shows its timeline.",
    ),
    Invariant(
        "An order has a time limit exactly until it is paid or accepted",
        """
        select company_id, order_number, status, payment_method, expires_at from orders
        where (status in ('PENDING', 'PAYMENT_PENDING') and expires_at is null)
           or (status in ('CONFIRMED', 'PAID', 'PROCESSING') and expires_at is not null)
        limit 20
        """,
        "An order was changed outside the order domain. Without a time limit its stock stays reserved: cancel or "
        "accept it. `commerce doctor --order NUMBER` shows its timeline.",
    ),
    Invariant(
        "No order is pending an hour after its time limit",
        """
        select company_id, order_number, status, payment_method, expires_at from orders
        where status in ('PENDING', 'PAYMENT_PENDING') and expires_at < now() - interval '1 hour'
        order by expires_at limit 20
        """,
        "Check that `commerce serve` or `commerce worker` is running; its log has the errors of the job.",
    ),
    Invariant(
        "The adjustments of each line of an order add up to its discount",
        """
        select i.company_id, o.order_number, i.sku, i.discount_amount, coalesce(sum(a.amount), 0) as adjustments
        from order_items i
        join orders o on o.company_id = i.company_id and o.id = i.order_id
        left join order_adjustments a on a.company_id = i.company_id and a.order_item_id = i.id
        group by i.id, o.order_number
        having coalesce(sum(a.amount), 0) <> i.discount_amount
            or count(*) filter (where a.order_id <> i.order_id or a.currency <> i.currency) > 0
        limit 20
        """,
        "An order was written outside the order domain. `commerce doctor --order NUMBER` shows its timeline.",
    ),
    Invariant(
        "The adjustments of each promotion of an order add up to its discount, and the lines' to the order's",
        """
        select o.company_id, o.order_number, o.discount_amount, p.promotion_name, p.discount_amount as of_promotion
        from orders o
        left join order_promotions p on p.company_id = o.company_id and p.order_id = o.id
        cross join lateral (
            select coalesce(sum(amount) filter (where order_item_id is not null), 0) as of_lines,
                coalesce(sum(amount) filter (where source_id = p.promotion_id), 0) as of_promotion
            from order_adjustments a where a.company_id = o.company_id and a.order_id = o.id
        ) a
        where a.of_lines <> o.discount_amount or a.of_promotion <> p.discount_amount
        limit 20
        """,
        "An order was written outside the order domain. `commerce doctor --order NUMBER` shows its timeline.",
    ),
    *sales.INVARIANTS,
    *tax_invariants.INVARIANTS,
)
TEXTS: Final = (
    TextColumns(
        table="orders", texts=("notes", "tracking_number", "shipping_method", "hold_reason"), keys=("email",)
    ),
    TextColumns(
        table="order_addresses",
        texts=(
            *("full_name", "company_name", "address_line_1", "address_line_2", "city", "postal_code", "province"),
            "phone",
        ),
    ),
    TextColumns(table="order_items", texts=("product_name", "variant_name"), keys=("sku",)),
    TextColumns(table="order_taxes", texts=("name",)),
    TextColumns(table="order_status_history", texts=("comment",)),
    TextColumns(table="order_notes", texts=("note",)),
    TextColumns(table="order_edits", texts=("reason",)),
    TextColumns(table="order_promotions", texts=("promotion_name",), keys=("promo_code",)),
    TextColumns(table="order_adjustments", texts=("name", "description"), keys=("code",)),
    TextColumns(
        table="document_settings",
        texts=(
            *("legal_name", "address_line_1", "address_line_2", "postal_code", "city", "province", "registration"),
            *("email", "phone", "bank_details", "footer"),
        ),
        id="company_id",
    ),
)


def _wrong_summary(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    columns: Mapping[str, Any] = summaries(OrderFacts.of_record(row))
    expected = {name: each.value for name, each in columns.items()}
    if all(row[name] == value for name, value in expected.items()):
        return None
    shown = ("company_id", "order_number", *expected)
    return {**{name: row[name] for name in shown}, **{f"{name}_of_facts": value for name, value in expected.items()}}


SUMMARY: Final = RowInvariant(
    "The status, payment status and fulfilment status of each order follow from its facts",
    f"select company_id, order_number, status, payment_status, fulfilment_status, {', '.join(COLUMNS.values())} "  # noqa: S608 - columns
    "from orders",
    _wrong_summary,
    "A column was written outside the order domain. `commerce doctor --order NUMBER` shows the order's timeline.",
)
ROW_INVARIANTS: Final = (SEARCHABLE, SUMMARY, normalized_texts("orders", TEXTS))
