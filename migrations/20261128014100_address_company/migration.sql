-- The company that an address belongs to, such as a buyer's employer; addresses in hand have none.
alter table "addresses" add column "company_name" text;
alter table "order_addresses" add column "company_name" text;
