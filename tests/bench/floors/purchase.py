"""The purchase with the fewest statements that write the rows of an order of two lines, in one transaction.

No HTTP, no GraphQL, no validation, no row security: what no gateway can be faster than on the same database.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from domains.auth.sessions.tokens import digest
from domains.kernel.ids import new_id

STATEMENTS = 4
CENT = Decimal("0.01")
FILL_CART = """
with cart as (
  insert into carts (id, company_id, session_id, currency, updated_at, expires_at)
  values ($2, $1, $3, $4, now(), now() + interval '30 days')
), lines as (
  insert into cart_items (id, company_id, cart_id, product_id, variant_id, quantity, price_snapshot, currency,
    updated_at)
  select line.id, $1, $2, v.product_id, v.id, 1, p.base_price + v.price_modifier, $4, now()
  from unnest($5::uuid[], $6::uuid[]) as line (id, variant_id)
  join product_variants v on v.company_id = $1 and v.id = line.variant_id
  join products p on p.company_id = $1 and p.id = v.product_id
)
insert into cart_promotions (company_id, cart_id, promotion_id)
select $1, $2, id from promotions where company_id = $1 and code = $7 and status = 'ACTIVE' and start_date <= now()
"""
LOCK_STOCK = """
select i.id, i.sku, l.total_stock, l.warehouse_id, v.id as variant_id, v.name as variant_name, p.id as product_id,
  p.base_price + v.price_modifier as price, p.name, p.slug, coalesce(v.weight, p.weight, 0) as weight
from cart_items c
join product_variants v on v.company_id = c.company_id and v.id = c.variant_id
join products p on p.company_id = c.company_id and p.id = c.product_id
join inventory_items i on i.company_id = c.company_id and i.variant_id = c.variant_id
join inventory_levels l on l.company_id = i.company_id and l.inventory_id = i.id
where c.company_id = $1 and c.cart_id = $2 and l.available_stock >= c.quantity order by i.sku for update of i, l
"""
LOCK_PROMOTION = """
select p.id, p.name, p.code, p.discount_value, m.id as method_id, m.name as method_name from promotions p
join cart_promotions c on c.company_id = p.company_id and c.promotion_id = p.id
join shipping_methods m on m.company_id = p.company_id and m.is_active
where p.company_id = $1 and c.cart_id = $2 for no key update of p
"""
WRITE = """
with address as (
  insert into order_addresses (id, company_id, full_name, address_line_1, city, postal_code, country)
  values ($3, $1, 'Vera Field', '3 Kiln Lane', 'Stoke', 'ST1 1AA', 'GB')
), placed as (
  insert into orders (id, company_id, order_number, email, guest_token_hash, status, currency, subtotal, tax_amount,
    shipping_cost, discount_amount, total, tax_rate, prices_include_tax, shipping_address_id, billing_address_id,
    payment_method, payment_transaction_id, updated_at, paid_at, payment_status, units_ordered, amount_captured,
    shipping_method_id, shipping_method, shipping_service_type, shipping_weight, earliest_delivery_date,
    estimated_delivery_date, tax_country)
  values ($2, $1, $4, $5, $6, 'PAID', $7, $8, 0, 0, $9, $8::numeric - $9::numeric, 0, true, $3, $3, 'CARD', $10,
    now(), now(), 'PAID', cardinality($11::uuid[]), $8::numeric - $9::numeric,
    $38, $39, 'STANDARD', $40, current_date + 2, current_date + 4, 'GB')
), bought as (
  insert into order_items (id, company_id, order_id, product_id, variant_id, product_name, variant_name, sku,
    quantity, unit_price, discount_amount, total_price, currency, product_snapshot)
  select id, $1, $2, product_id, variant_id, name, variant_name, sku, 1, price, off, price - off, $7, snapshot::jsonb
  from unnest($11::uuid[], $12::uuid[], $13::uuid[], $14::text[], $15::text[], $16::text[], $17::numeric[],
    $18::numeric[], $19::text[]) as line (id, product_id, variant_id, name, variant_name, sku, price, off, snapshot)
), taxed as (
  insert into order_taxes (id, company_id, order_id, order_item_id, name, rate, taxable, amount, currency)
  select gen_random_uuid(), $1, $2, id, '', 0, price - off, 0, $7
  from unnest($11::uuid[], $17::numeric[], $18::numeric[]) as line (id, price, off)
), adjusted as (
  insert into order_adjustments (id, company_id, order_id, order_item_id, source_type, source_id, code, name,
    description, amount, currency)
  select gen_random_uuid(), $1, $2, id, 'PROMOTION', $21, $22, $23, '10 % off', off, $7
  from unnest($11::uuid[], $18::numeric[]) as line (id, off) where off > 0
), promoted as (
  insert into order_promotions (id, company_id, order_id, promotion_id, promo_code, discount_amount, currency,
    promotion_name) values ($20, $1, $2, $21, $22, $9, $7, $23)
), history as (
  insert into order_status_history (id, company_id, order_id, from_status, to_status, actor_kind)
  select id, $1, $2, before::order_status, after::order_status, 'GUEST'
  from unnest($24::uuid[], array[null, 'PENDING', 'PAYMENT_PENDING'], array['PENDING', 'PAYMENT_PENDING', 'PAID'])
    as change (id, before, after)
), paid as (
  insert into payments (id, company_id, order_id, provider, method, status, amount, amount_captured, currency,
    provider_transaction_id, card_last_4, settled_at, updated_at)
  values ($25, $1, $2, 'BENCH', 'CARD', 'SUCCEEDED', $8::numeric - $9::numeric, $8::numeric - $9::numeric, $7, $10,
    '4242', now(), now())
), charged as (
  insert into payment_transactions (id, company_id, payment_id, provider, type, status, provider_transaction_id,
    amount, currency, processed_at)
  values ($36, $1, $25, 'BENCH', 'CHARGE', 'SUCCEEDED', $10, $8::numeric - $9::numeric, $7, now())
), audited as (
  insert into payment_audit_logs (id, company_id, event_type, actor_kind, provider, payment_id, order_id, amount,
    currency, success, details)
  select gen_random_uuid(), $1, act::payment_audit_event, 'GUEST', 'BENCH', $25, $2, $8::numeric - $9::numeric, $7,
    true, $10 from unnest(array['PAYMENT_CREATED', 'PAYMENT_SUCCEEDED']) as logged (act)
), accounts as (
  insert into ledger_accounts (id, company_id, code, name, type, updated_at)
  select gen_random_uuid(), $1, code, name, type::ledger_account_type, now() from (values
      ('1200.BENCH', 'Payment clearing: BENCH', 'ASSET'), ('1100', 'Accounts receivable', 'ASSET'),
      ('4000', 'Sales', 'INCOME')) as account (code, name, type)
  where not exists (select from ledger_accounts where company_id = $1 and code = account.code)
  on conflict (company_id, code) do nothing
), posted as (
  insert into ledger_entries (id, company_id, kind, source_kind, source_id, order_id, currency, line_count, booked_on)
  values ($34, $1, 'SALE', 'order', $2, $2, $7, 2, current_date),
    ($35, $1, 'PAYMENT', 'payment_transaction', $36, $2, $7, 2, current_date)
), posted_lines as (
  insert into ledger_lines (company_id, entry_id, position, account, side, amount, currency, tax_rate, country)
  values ($1, $34, 0, '1100', 'DEBIT', $8::numeric - $9::numeric, $7, null, null),
    ($1, $34, 1, '4000', 'CREDIT', $8::numeric - $9::numeric, $7, 0, 'GB'),
    ($1, $35, 0, '1200.BENCH', 'DEBIT', $8::numeric - $9::numeric, $7, null, null),
    ($1, $35, 1, '1100', 'CREDIT', $8::numeric - $9::numeric, $7, null, null)
), reserved as (
  insert into reservations (id, company_id, inventory_id, warehouse_id, order_id, quantity, updated_at)
  select id, $1, item, place, $2, 1, now()
  from unnest($26::uuid[], $27::uuid[], $37::uuid[]) as held (id, item, place)
), stock as (
  update inventory_items set available_stock = available_stock - 1, reserved_stock = reserved_stock + 1,
    updated_at = now() where company_id = $1 and id = any($27)
), levels as (
  update inventory_levels l set available_stock = available_stock - 1, reserved_stock = reserved_stock + 1,
    updated_at = now() from unnest($27::uuid[], $37::uuid[]) as held (item, place)
  where l.company_id = $1 and l.inventory_id = item and l.warehouse_id = place
), moved as (
  insert into stock_movements (id, company_id, inventory_id, warehouse_id, type, quantity, available_delta,
    reserved_delta, balance_after, reference, actor_kind)
  select id, $1, item, place, 'RESERVATION', 1, -1, 1, balance, $2::text, 'GUEST'
  from unnest($28::uuid[], $27::uuid[], $29::int[], $37::uuid[]) as movement (id, item, balance, place)
), used as (
  insert into promotion_uses (id, company_id, promotion_id, order_id, email, discount_amount, currency)
  values ($30, $1, $21, $2, $5, 1, 'EUR')
), counted as (
  update promotions set current_usage_count = current_usage_count + 1, updated_at = now()
  where company_id = $1 and id = $21
), buyer as (
  insert into buyer_orders (company_id, order_id, email, paid_at) values ($1, $2, $5, now())
), emptied as (
  delete from cart_items where company_id = $1 and cart_id = $31
), unpromoted as (
  delete from cart_promotions where company_id = $1 and cart_id = $31
)
insert into outbox_events (id, company_id, topic, aggregate_id, payload, actor_kind, published_at)
select id, $1, topic, $2, $33::jsonb, 'GUEST', now()
from unnest($32::uuid[], array['order.created', 'inventory.changed', 'order.paid']) as event (id, topic)
"""


@dataclass(frozen=True, slots=True)
class Sale:
    """What is for sale: the company and its currency, a code, and variants with plenty of stock.

    The company has one shipping method, free of charge.
    """

    company_id: UUID
    currency: str
    code: str
    variants: Sequence[tuple[UUID, UUID]]
    """Pairs of a product and its variant."""

    def two(self, number: int) -> tuple[tuple[UUID, UUID], tuple[UUID, UUID]]:
        """What the purchase of a number buys."""
        count = len(self.variants)
        return self.variants[number * 2 % count], self.variants[(number * 2 + 1) % count]


async def buy(connection: Any, sale: Sale, number: int, email: str) -> UUID:
    """One purchase of two lines with the code, from an empty cart to a paid order; the id of `order.paid`.

    Four statements.
    """
    cart, events = new_id(), [new_id() for _ in range(3)]
    async with connection.transaction():
        wanted = [variant for _, variant in sale.two(number)]
        token = digest(secrets.token_urlsafe(32))
        await connection.execute(
            FILL_CART, sale.company_id, cart, token, sale.currency, [new_id() for _ in wanted], wanted, sale.code
        )
        lines = await connection.fetch(LOCK_STOCK, sale.company_id, cart)
        promotion = await connection.fetchrow(LOCK_PROMOTION, sale.company_id, cart)
        if len(lines) != len(wanted) or promotion is None:
            raise RuntimeError("The floor could not buy what there is plenty of.")
        await connection.execute(WRITE, *_row(sale, cart, email, lines, promotion, events))
    return events[2]


def _row(sale: Sale, cart: UUID, email: str, lines: Sequence[Any], promotion: Any, events: list[UUID]) -> list[Any]:
    """The parameters of WRITE, in their order."""
    order = new_id()
    rate = promotion["discount_value"] / 100
    off = [(line["price"] * rate).quantize(CENT, ROUND_HALF_UP) for line in lines]
    items = [line["id"] for line in lines]
    return [
        *(sale.company_id, order, new_id(), f"FLOOR-{order.hex}"),
        *(email, digest(secrets.token_urlsafe(32)), sale.currency),
        *(sum(line["price"] for line in lines), sum(off), order.hex),
        *([new_id() for _ in lines], [line["product_id"] for line in lines], [line["variant_id"] for line in lines]),
        *([line["name"] for line in lines], [line["variant_name"] for line in lines]),
        *([line["sku"] for line in lines], [line["price"] for line in lines], off),
        [json.dumps({"slug": line["slug"]}) for line in lines],
        *(new_id(), promotion["id"], promotion["code"], promotion["name"]),
        *([new_id() for _ in range(3)], new_id()),
        *([new_id() for _ in lines], items, [new_id() for _ in lines], [line["total_stock"] for line in lines]),
        *(new_id(), cart, events, json.dumps({"order_id": str(order)})),
        *(new_id() for _ in range(3)),
        [line["warehouse_id"] for line in lines],
        *(promotion["method_id"], promotion["method_name"], sum(line["weight"] for line in lines)),
    ]
