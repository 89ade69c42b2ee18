-- Units that come in are reserved for an order until the order expires, so its backorders know when that is. An order
-- that is paid while units come in does not see their reservation yet: the backorder, which both change, passes it on.

alter table backorders add column expires_at timestamptz(6);

create function pass_backorder_expiry() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
    update reservations set expires_at = new.expires_at, updated_at = new.updated_at
    where company_id = new.company_id and order_id = new.order_id and inventory_id = new.inventory_id
      and status = 'ACTIVE' and expires_at is distinct from new.expires_at;
    return null;
end;
$$;

create trigger pass_backorder_expiry after update of expires_at on backorders for each row
    when (old.expires_at is distinct from new.expires_at) execute function pass_backorder_expiry();
