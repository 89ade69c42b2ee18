-- The flat rate of each company becomes a zone of the whole world with one method.
-- A company without a flat rate shipped everywhere free of charge, as one without zones does.
with flat as (
    select s.company_id, gen_random_uuid() as zone_id, c.currency, s.flat_shipping, s.free_shipping_threshold
    from shipping_settings s join companies c on c.id = s.company_id
    where s.flat_shipping <> 0 or s.free_shipping_threshold is not null
), zones as (
    insert into shipping_zones (id, company_id, name, type, updated_at)
    select zone_id, company_id, 'Everywhere', 'REST_OF_WORLD', current_timestamp from flat
)
insert into shipping_methods (id, company_id, zone_id, name, currency, base_price, free_from, updated_at)
select gen_random_uuid(), company_id, zone_id, 'Standard', currency, flat_shipping, free_shipping_threshold,
    current_timestamp
from flat;

alter table shipping_settings
    drop column flat_shipping,
    drop column free_shipping_threshold,
    add column has_zones boolean not null default false;
update shipping_settings s set has_zones = true
where exists (select from shipping_zones z where z.company_id = s.company_id);
