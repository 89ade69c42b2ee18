-- What an order gives its buyer, a cancellation and a refund take away again: instead of a count of paid orders there is
-- a row for each, and reviews are verified by purchases that stand. What an address has earned counts for who has
-- proven that it is theirs, so orders, uses and purchases say whether that was proven.

alter table orders
    add column email_confirmed boolean not null default false,
    add column card_limited boolean not null default false;

alter table promotion_uses
    add column email_confirmed boolean not null default false,
    add column address_key text,
    add column mailbox text not null generated always as (mailbox_of(email)) stored;

create index promotion_uses_company_id_promotion_id_mailbox_idx on promotion_uses (company_id, promotion_id, mailbox);
create index promotion_uses_company_id_mailbox_idx on promotion_uses (company_id, mailbox);
drop index promotion_uses_company_id_promotion_id_email_idx;
-- Of the many uses of other promotions no delivery address is kept.
create index promotion_uses_by_address on promotion_uses (company_id, promotion_id, address_key)
    where address_key is not null;

alter table payments add column card_fingerprint text;
create index payments_company_id_card_fingerprint_idx on payments (company_id, card_fingerprint);

create table buyer_orders (
    company_id uuid not null,
    order_id uuid not null,
    user_id uuid,
    email text not null,
    email_confirmed boolean not null default false,
    mailbox text not null generated always as (mailbox_of(email)) stored,
    paid_at timestamptz(6),
    withdrawn_at timestamptz(6),

    constraint buyer_orders_pkey primary key (company_id, order_id),
    constraint buyer_orders_email_folded check (email = lower(email)),
    constraint buyer_orders_says_something check (paid_at is not null or withdrawn_at is not null),
    constraint buyer_orders_company_id_order_id_fkey foreign key (company_id, order_id)
        references orders (company_id, id) on delete restrict on update cascade,
    constraint buyer_orders_user_id_fkey foreign key (user_id)
        references users (id) on delete restrict on update cascade
);

create index buyer_orders_company_id_user_id_idx on buyer_orders (company_id, user_id);
create index buyer_orders_company_id_mailbox_idx on buyer_orders (company_id, mailbox);
create index buyer_orders_user_id_idx on buyer_orders (user_id);

alter table buyer_orders enable row level security;
create policy of_the_company on buyer_orders to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

-- ---- what there is already

-- An order of an account is at the account's own address, proven if that is.
update orders o set email_confirmed = true
from users u where u.id = o.user_id and u.email_verified and mailbox_of(u.email) = mailbox_of(o.email);
update promotion_uses x set email_confirmed = true
from orders o where o.company_id = x.company_id and o.id = x.order_id and o.email_confirmed;

-- Whoever waits to pay may have a first order's discount.
update orders o set card_limited = true
where o.paid_at is null and exists (
    select from order_promotions a
    join promotions p on p.company_id = a.company_id and p.id = a.promotion_id
    where a.company_id = o.company_id and a.order_id = o.id and p.type = 'WELCOME'
);

insert into buyer_orders (company_id, order_id, user_id, email, email_confirmed, paid_at, withdrawn_at)
select o.company_id, o.id, o.user_id, o.email, o.email_confirmed, o.paid_at,
    case when o.cancelled_at is not null or o.status in ('CANCELLED', 'REFUNDED') or whole.at is not null
        then coalesce(o.cancelled_at, whole.at, o.updated_at) end
from orders o
left join lateral (
    select max(r.settled_at) as at from refunds r
    where r.company_id = o.company_id and r.order_id = o.id and r.status = 'SUCCEEDED'
    having sum(r.amount) >= (
        select sum(p.amount) from payments p
        where p.company_id = o.company_id and p.order_id = o.id and p.status = 'SUCCEEDED'
            and p.void_requested_at is null)
) whole on true
where o.paid_at is not null;

drop table buyer_records;

-- The uses, purchases and marks of orders that were given back go with them.
with freed as (
    update promotion_uses u set released_at = now()
    from buyer_orders b
    where b.company_id = u.company_id and b.order_id = u.order_id and b.withdrawn_at is not null
        and u.released_at is null
    returning u.company_id, u.promotion_id
)
update promotions p set current_usage_count = p.current_usage_count - f.uses
from (select company_id, promotion_id, count(*) as uses from freed group by 1, 2) f
where p.company_id = f.company_id and p.id = f.promotion_id;

delete from product_purchases x using buyer_orders b
where b.company_id = x.company_id and b.order_id = x.order_id and b.withdrawn_at is not null;

update reviews r set is_verified_purchase = false
where r.is_verified_purchase and not exists (
    select from product_purchases x
    where x.company_id = r.company_id and x.product_id = r.product_id and x.user_id = r.user_id
);
