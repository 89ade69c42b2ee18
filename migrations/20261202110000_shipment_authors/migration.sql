-- The author of a tracking event, which is never changed otherwise, can be replaced by an erased user.

create function erase_shipment_authors(author uuid, erased_id uuid) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with erased as (
        update public.shipment_tracking t set created_by = erased_id
        from public.users u
        where u.id = erased_id and u.erased_at is not null
          and t.company_id = nullif(current_setting('app.company_id', true), '')::uuid and t.created_by = author
        returning 1
    )
    select count(*) from erased
$$;

revoke execute on function erase_shipment_authors(uuid, uuid) from public;
grant execute on function erase_shipment_authors(uuid, uuid) to commerce_gateway;
