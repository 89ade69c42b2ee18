-- The rates of a place are found by plain columns: PostgreSQL does not use an index over coalesce() below row-level
-- security, because it does not know that coalesce() leaks nothing.

drop index tax_rates_of_place;
create unique index tax_rates_of_place on tax_rates
    (company_id, country, province, postal_prefix, tax_class_id, lower(name), valid_from) nulls not distinct;
