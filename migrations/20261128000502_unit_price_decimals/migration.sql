-- Unit prices may be finer than the currency can pay, where a company says so; null is the currency's own scale.

alter table "companies" add column "unit_price_decimals" integer;

alter table companies add constraint companies_unit_price_decimals_fit
    check (unit_price_decimals between 0 and 4);
