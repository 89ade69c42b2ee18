-- The place to which the goods of a cart are to be sent, and the VAT number of its buyer there: a cart shows their
-- taxes. Adding columns without a default rewrites no table.

alter table carts
    add column destination_country char(2),
    add column destination_province text,
    add column destination_postal_code text,
    add column vat_number text,
    add constraint carts_destination_has_country check (destination_country is not null
        or num_nonnulls(destination_province, destination_postal_code, vat_number) = 0);
