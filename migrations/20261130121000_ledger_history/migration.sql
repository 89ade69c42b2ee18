-- The entries of earlier orders, payments, refunds and chargebacks, booked on the day of their event in the company's
-- time zone. Each has the source that it would have had, so that what was posted already is left out. Reads all orders
-- and payments once, and writes about three entries of each paid order.

create temporary table posted (
    id uuid not null default gen_random_uuid(),
    company_id uuid not null,
    kind text not null,
    source_kind text not null,
    source_id uuid not null,
    order_id uuid not null,
    currency char(3) not null,
    happened_at timestamptz not null
) on commit drop;
-- Amounts are positive on the debit side. The place keeps the lines of an entry in their order.
create temporary table posted_lines (
    entry_id uuid not null,
    place int not null,
    account text not null,
    amount decimal(19, 4) not null,
    tax_rate decimal(7, 6),
    country char(2)
) on commit drop;

-- What moved at the provider, by the last status of each transaction, as `Payments agree with their transactions`.
create temporary table moved on commit drop as
select p.company_id, p.order_id, p.currency, t.id, t.amount, t.processed_at,
    case t.type when 'REFUND' then 'REFUND' when 'CHARGEBACK' then 'CHARGEBACK' else 'PAYMENT' end as kind,
    case p.provider when 'MANUAL' then '1050' else '1200.' || p.provider end as account,
    p.status = 'SUCCEEDED' and p.cancel_requested_at is null as is_counted
from payments p
join companies c on c.id = p.company_id and c.currency = p.currency
join (
    select distinct on (payment_id, provider_transaction_id, type) * from payment_transactions
    order by payment_id, provider_transaction_id, type, status desc
) t on t.company_id = p.company_id and t.payment_id = p.id
where t.type <> 'AUTHORIZATION' and t.amount > 0
    and (t.status = 'SUCCEEDED' or (t.type = 'CHARGEBACK' and t.status <> 'FAILED'));
insert into posted (company_id, kind, source_kind, source_id, order_id, currency, happened_at)
select company_id, kind, 'payment_transaction', id, order_id, currency, processed_at from moved
union all
select company_id, 'CHARGEBACK_LOSS', 'payment_transaction', id, order_id, currency, processed_at
from moved where kind = 'CHARGEBACK' and is_counted;
insert into posted_lines (entry_id, place, account, amount)
select e.id, l.place, l.account, case e.kind when 'PAYMENT' then l.amount else -l.amount end
from posted e
join moved m on m.id = e.source_id and m.kind = e.kind
cross join lateral (values (1, m.account, m.amount), (2, '1100', -m.amount)) l (place, account, amount);
insert into posted_lines (entry_id, place, account, amount)
select e.id, l.place, l.account, l.amount
from posted e
join moved m on m.id = e.source_id
cross join lateral (values (1, '6100', m.amount), (2, '1100', -m.amount)) l (place, account, amount)
where e.kind = 'CHARGEBACK_LOSS';

-- Orders that were accepted or paid are sold on the day of the first of these.
create temporary table recognized on commit drop as
select o.*, a.country,
    coalesce(least(o.accepted_at, o.paid_at), o.created_at) as sold_at,
    coalesce(o.cancelled_at, o.failed_at, o.delivered_at, o.updated_at) as ended_at,
    case when o.status in ('CANCELLED', 'REFUNDED', 'FAILED') then o.total - o.amount_captured else 0 end as written_off,
    i.tax as item_tax, i.total as item_total,
    case when i.tax is null then 0 else least(greatest(o.tax_amount - i.tax, 0), o.shipping_cost) end as shipping_tax
from orders o
join companies c on c.id = o.company_id and c.currency = o.currency
left join order_addresses a on a.company_id = o.company_id and a.id = o.shipping_address_id
left join (
    select company_id, order_id, sum(total_price) as total, sum(tax_amount) as tax from order_items group by 1, 2
) i on i.company_id = o.company_id and i.order_id = o.id
where o.total > 0 and (o.accepted_at is not null or o.paid_at is not null or o.amount_captured > 0);
insert into posted (company_id, kind, source_kind, source_id, order_id, currency, happened_at)
select company_id, 'SALE', 'order', id, id, currency, sold_at from recognized
union all
select company_id, 'CANCELLATION', 'order', id, id, currency, ended_at from recognized where written_off > 0;
-- The lines of sales. What the lines of an order do not add up to is a sale at the order's rate.
create temporary table sold on commit drop as
select o.company_id, o.id as order_id, s.account, s.rate, o.country, -sum(s.amount) as amount
from recognized o
cross join lateral (
    select '4000' as account, tax_rate as rate, total_price - tax_amount as amount
    from order_items where company_id = o.company_id and order_id = o.id
    union all
    select '2000', tax_rate, tax_amount from order_items where company_id = o.company_id and order_id = o.id
    union all values
        ('4100', o.shipping_tax_rate, o.shipping_cost - o.shipping_tax),
        ('2000', o.shipping_tax_rate, o.shipping_tax),
        ('4000', o.tax_rate, o.total - o.shipping_cost - coalesce(o.item_total, o.tax_amount)),
        ('2000', o.tax_rate, case when o.item_total is null then o.tax_amount else 0 end)
) s
group by 1, 2, 3, 4, 5;
insert into posted_lines (entry_id, place, account, amount, tax_rate, country)
select e.id, 1, '1100', o.total, null, null from posted e join recognized o on o.id = e.order_id where e.kind = 'SALE'
union all
select e.id, 1 + row_number() over (partition by e.id order by s.account, s.rate desc), s.account, s.amount, s.rate,
    s.country
from posted e join sold s on s.order_id = e.order_id where e.kind = 'SALE';
-- A cancellation reverses the sale when nothing was paid.
insert into posted_lines (entry_id, place, account, amount, tax_rate, country)
select e.id, l.place, l.account, -l.amount, l.tax_rate, l.country
from posted e
join recognized o on o.id = e.order_id and o.amount_captured = 0
join posted sale on sale.order_id = o.id and sale.kind = 'SALE'
join posted_lines l on l.entry_id = sale.id
where e.kind = 'CANCELLATION'
union all
select e.id, l.place, l.account, l.amount, null, null
from posted e
join recognized o on o.id = e.order_id and o.amount_captured > 0
cross join lateral (values (1, '4900', o.written_off), (2, '1100', -o.written_off)) l (place, account, amount)
where e.kind = 'CANCELLATION';

-- Credit notes of the refunds that count in their orders.
insert into posted (company_id, kind, source_kind, source_id, order_id, currency, happened_at)
select r.company_id, 'CREDIT_NOTE', 'refund', r.id, r.order_id, r.currency, coalesce(r.settled_at, r.updated_at)
from refunds r
join payments p on p.company_id = r.company_id and p.id = r.payment_id
join companies c on c.id = r.company_id and c.currency = r.currency
where r.status = 'SUCCEEDED' and p.status = 'SUCCEEDED' and p.cancel_requested_at is null;
insert into posted_lines (entry_id, place, account, amount, tax_rate, country)
select e.id, row_number() over (partition by e.id order by g.account = '1100', g.account, g.rate desc), g.account,
    sum(g.amount), g.rate, case when g.rate is not null then a.country end
from posted e
join orders o on o.company_id = e.company_id and o.id = e.order_id
left join order_addresses a on a.company_id = o.company_id and a.id = o.shipping_address_id
join refunds r on r.company_id = e.company_id and r.id = e.source_id
cross join lateral (
    select case l.kind when 'ITEM' then '4000' when 'SHIPPING' then '4100' else '4900' end as account,
        case l.kind when 'ITEM' then i.tax_rate when 'SHIPPING' then o.shipping_tax_rate end as rate,
        l.amount - l.tax as amount
    from refund_lines l left join order_items i on i.company_id = l.company_id and i.id = l.order_item_id
    where l.company_id = r.company_id and l.refund_id = r.id
    union all
    select '2000', case l.kind when 'ITEM' then i.tax_rate else o.shipping_tax_rate end, l.tax
    from refund_lines l left join order_items i on i.company_id = l.company_id and i.id = l.order_item_id
    where l.company_id = r.company_id and l.refund_id = r.id
    union all
    select '4900', null::numeric, r.amount - coalesce(sum(amount), 0) from refund_lines
    where company_id = r.company_id and refund_id = r.id
    union all values ('1100', null::numeric, -r.amount)
) g
where e.kind = 'CREDIT_NOTE'
group by e.id, g.account, g.rate, a.country;

delete from posted_lines where amount = 0;
delete from posted e where exists (
    select from ledger_entries l where l.company_id = e.company_id and l.source_kind = e.source_kind
        and l.source_id = e.source_id and l.kind = e.kind);
delete from posted_lines l where not exists (select from posted where id = l.entry_id);
delete from posted e where not exists (select from posted_lines where entry_id = e.id);

insert into ledger_accounts (id, company_id, code, name, type, created_at, updated_at)
select gen_random_uuid(), company_id, account, case account
        when '1050' then 'Undeposited payments' when '1100' then 'Accounts receivable' when '2000' then 'Tax payable'
        when '4000' then 'Sales' when '4100' then 'Shipping' when '4900' then 'Sales allowances'
        when '6100' then 'Chargebacks' else 'Payment clearing: ' || substr(account, 6) end,
    (case left(account, 1) when '1' then 'ASSET' when '2' then 'LIABILITY' when '4' then 'INCOME' else 'EXPENSE'
        end)::ledger_account_type, current_timestamp, current_timestamp
from (select distinct e.company_id, l.account from posted e join posted_lines l on l.entry_id = e.id) a
on conflict (company_id, code) do nothing;
with entries as (
    insert into ledger_entries (id, company_id, kind, source_kind, source_id, order_id, currency, line_count,
        booked_on, created_at)
    select e.id, e.company_id, e.kind, e.source_kind, e.source_id, e.order_id, e.currency, l.lines,
        (e.happened_at at time zone c.time_zone)::date, e.happened_at
    from posted e
    join companies c on c.id = e.company_id
    join (select entry_id, count(*) as lines from posted_lines group by 1) l on l.entry_id = e.id
)
insert into ledger_lines (company_id, entry_id, position, account, side, amount, currency, tax_rate, country)
select e.company_id, e.id, row_number() over (partition by e.id order by l.place) - 1, l.account,
    case when l.amount > 0 then 'DEBIT' else 'CREDIT' end::ledger_side, abs(l.amount), e.currency, l.tax_rate, l.country
from posted e join posted_lines l on l.entry_id = e.id;
