-- Privileges are granted table by table. The default privileges of an earlier migration also applied to tables that
-- `pg_restore --clean` created again, for a dump has grants only: in a restored database requests could rewrite ledgers.
-- What such a database allows too much ends here.

do $$
declare
    each record;
begin
    for each in
        select pg_get_userbyid(defaclrole) as owner, case defaclobjtype when 'S' then 'sequences' else 'tables' end as kind
        from pg_default_acl
        where defaclnamespace = 'public'::regnamespace and defaclobjtype in ('r', 'S')
          and pg_has_role(current_user, defaclrole, 'usage')
    loop
        execute format('alter default privileges for role %I in schema public revoke all on %s '
            'from commerce_gateway, commerce_relay', each.owner, each.kind);
    end loop;
    for each in
        select oid::regclass as name, case relkind when 'S' then 'sequence' else 'table' end as kind
        from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
          and pg_has_role(current_user, relowner, 'usage')
    loop
        execute format('revoke all on %s %s from commerce_gateway, commerce_relay', each.kind, each.name);
    end loop;
end;
$$;

grant select, insert, update, delete on
    activity_logs, addresses, buyer_orders, cart_email_codes, cart_items, cart_promotions, cart_settings, carts,
    catalog_settings, categories, category_attributes, companies, facet_counts, idempotency_keys, inbox_entries,
    inventory_items, memberships, mock_charges, mock_refunds, order_addresses, order_items, order_promotions,
    order_search, order_settings, orders, outbox_events, password_reset_tokens, payment_settings, payments,
    product_attributes, product_purchases, product_search, product_variants, product_views, products,
    promotion_categories, promotion_products, promotion_uses, promotions, refunds, registrations, reservations,
    review_votes, reviews, role_permissions, roles, search_terms, shipping_settings, spent_refresh_tokens,
    tax_settings, user_sessions, users, verification_codes
    to commerce_gateway;
grant usage, select on sequence outbox_events_sequence_seq to commerce_gateway;

-- The gateway rewrites no ledger and no history, takes back no number, and queues mail without reading it.
grant select, insert on stock_movements, order_status_history to commerce_gateway;
grant select, insert, update on order_counters to commerce_gateway;
grant select on permissions to commerce_gateway;
grant insert on queued_mails to commerce_gateway;

-- The relay delivers events and mail, runs jobs, and deletes what has expired.
grant select, update, delete on outbox_events, queued_mails to commerce_relay;
grant select, delete on inbox_entries, idempotency_keys to commerce_relay;
grant select, insert, update on job_runs to commerce_relay;
grant select on _prisma_migrations to commerce_relay;
