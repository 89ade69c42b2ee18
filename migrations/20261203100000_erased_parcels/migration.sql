-- What carriers and staff say about parcels can name the buyer: it is erased with the order, and not stored again.

alter table shipments add column anonymized_at timestamptz(6);
alter table shipping_labels add column anonymized_at timestamptz(6);

-- Those of people who were erased before.
update shipments s set anonymized_at = now()
from orders o where o.company_id = s.company_id and o.id = s.order_id and o.email like 'erased-%@erased.invalid';
update shipping_labels l set anonymized_at = now(), failure_reason = null
from orders o where o.company_id = l.company_id and o.id = l.order_id and o.email like 'erased-%@erased.invalid';
-- A location is part of what makes an event unique, so that what replaces it must be unique too.
update shipment_tracking t
set location = case when t.location = '' then '' else 'Erased ' || t.id end,
    description = case when t.description = '' then '' else 'Erased' end
from shipments s
where s.company_id = t.company_id and s.id = t.shipment_id and s.anonymized_at is not null
  and (t.location <> '' or t.description <> '');
update return_tracking t
set location = case when t.location = '' then '' else 'Erased ' || t.id end,
    description = case when t.description = '' then '' else 'Erased' end, carrier_data = '{}'
from return_authorizations a, return_requests r, orders o
where a.company_id = t.company_id and a.id = t.authorization_id
  and r.company_id = t.company_id and r.id = a.return_request_id
  and o.company_id = t.company_id and o.id = r.order_id and o.email like 'erased-%@erased.invalid'
  and (t.location <> '' or t.description <> '' or t.carrier_data <> '{}');
update return_requests r set rejection_reason = 'Erased'
from orders o
where o.company_id = r.company_id and o.id = r.order_id and o.email like 'erased-%@erased.invalid'
  and r.rejection_reason is not null;
update return_authorizations a
set carrier_name = null, tracking_number = null
from return_requests r, orders o
where r.company_id = a.company_id and r.id = a.return_request_id and a.carrier_id is null
  and o.company_id = a.company_id and o.id = r.order_id and o.email like 'erased-%@erased.invalid'
  and num_nonnulls(a.carrier_name, a.tracking_number) > 0;
update order_adjustments d set name = 'Erased'
from orders o
where o.company_id = d.company_id and o.id = d.order_id and o.email like 'erased-%@erased.invalid'
  and d.source_type = 'MANUAL';

create function erase_shipment_events(order_ids uuid[]) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with erased as (
        update public.shipment_tracking t
        set location = case when t.location = '' then '' else 'Erased ' || t.id end,
            description = case when t.description = '' then '' else 'Erased' end
        from public.shipments s
        where t.company_id = nullif(current_setting('app.company_id', true), '')::uuid
          and s.company_id = t.company_id and s.id = t.shipment_id and s.order_id = any(order_ids)
          and s.anonymized_at is not null
          and (t.location not in ('', 'Erased ' || t.id) or t.description not in ('', 'Erased'))
        returning 1
    )
    select count(*) from erased
$$;

create function erase_return_events(request_ids uuid[]) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with erased as (
        update public.return_tracking t
        set location = case when t.location = '' then '' else 'Erased ' || t.id end,
            description = case when t.description = '' then '' else 'Erased' end,
            carrier_data = '{}'
        from public.return_authorizations a, public.return_requests r
        where t.company_id = nullif(current_setting('app.company_id', true), '')::uuid
          and a.company_id = t.company_id and a.id = t.authorization_id
          and r.company_id = t.company_id and r.id = a.return_request_id and r.id = any(request_ids)
          and r.return_notes = 'Erased'
          and (t.location not in ('', 'Erased ' || t.id) or t.description not in ('', 'Erased')
            or t.carrier_data <> '{}')
        returning 1
    )
    select count(*) from erased
$$;

revoke execute on function erase_shipment_events(uuid[]) from public;
revoke execute on function erase_return_events(uuid[]) from public;
grant execute on function erase_shipment_events(uuid[]) to commerce_gateway;
grant execute on function erase_return_events(uuid[]) to commerce_gateway;
