-- Order numbers come from one sequence, and orders are found by the beginning of their number or e-mail address, which
-- an index serves when text is compared by code point (LIKE is not leakproof and would find no index; ranges are).

create sequence "order_numbers" as bigint;

alter table "orders"
    alter column "order_number" type text collate "C",
    alter column "email" type text collate "C";

create index "orders_company_id_total_id_idx" on "orders"("company_id", "total", "id");
-- What the job that ends unpaid orders looks for: the open ones alone.
create index "orders_open" on "orders"("company_id", "expires_at") where "status" = 'PENDING';
