-- Orders are also found by the company of an address: entries of version 1 are outdated, and a job rebuilds them, 500
-- at a time. Rewrites no table; the index contains all entries until the job has rebuilt them.

drop index order_search_outdated_idx;
create index order_search_outdated_idx on order_search (company_id) where version < 2;
