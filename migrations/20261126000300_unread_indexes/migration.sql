-- Only `commerce doctor` looked by these, and may take its time; open orders and payments have partial indexes of
-- their own. Without them a reservation that is kept for good moves in no index.
drop index reservations_status_expires_at_idx;
drop index payments_status_created_at_idx;
drop index orders_status_expires_at_idx;
