-- A guest's order is found by its token's hash.

create unique index "orders_company_id_guest_token_hash_key" on "orders"("company_id", "guest_token_hash");
